// The environment in which Dawn (npm `webgpu`) finds a Vulkan loader and a driver: it must be set before Node starts.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders in which a Chromium keeps the software driver (SwiftShader) and a Vulkan loader of its own. */
function driverFolders() {
  const chromium = findChromium();
  return ['/usr/lib/chromium', chromium && dirname(realpathSync(chromium))].filter(
    (folder) => folder && existsSync(join(folder, 'vk_swiftshader_icd.json')),
  );
}

/** process.env plus what Dawn needs. A driver that the person named (VK_DRIVER_FILES) stays: that is how to use a real GPU. */
export function dawnEnv(env = process.env) {
  if (process.platform !== 'linux' || env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES) return { ...env };
  const [folder] = driverFolders();
  if (!folder) return { ...env };
  const icd = join(folder, 'vk_swiftshader_icd.json');
  const libraries = [env.LD_LIBRARY_PATH, folder].filter(Boolean).join(':');
  return { ...env, VK_DRIVER_FILES: icd, VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: libraries };
}

/** Why Dawn cannot run here, in words; undefined when it can. */
export function dawnMissing(env = dawnEnv()) {
  const probe = `const { create } = await import('webgpu'); const gpu = create([]);
    const adapter = await gpu.requestAdapter(); process.exit(adapter ? 0 : 3);`;
  const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', probe], {
    cwd: root,
    env,
    stdio: 'ignore',
  });
  if (status === 0) return undefined;
  return status === 3 ? 'Dawn finds no adapter: no Vulkan driver here' : 'npm webgpu has no build for this system';
}
