// What the test lanes share: timed steps, counts from the runners' own reports, expected skips, the one closing line.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './env.mjs';
import { EXPECTED_SKIPS } from './expected-skips.mjs';

/** One lane: run its steps in order, then `finish()`. A failed step does not stop the ones after it. */
export function lane(name, env = process.env) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const results = join(root, 'test-results', name);
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });

  /** Runs a tool of node_modules (or Node alone, when `path` is one of its flags); true when it exits with 0. */
  function tool(label, path, args, extraEnv = {}) {
    const start = performance.now();
    const options = { cwd: root, stdio: 'inherit', env: { ...env, CI: '1', ...extraEnv } };
    const script = path.startsWith('-') ? path : join(root, 'node_modules', path);
    const { status } = spawnSync(process.execPath, [script, ...args], options);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`[${name}] ${label}: ${status === 0 ? 'ok' : `failed (exit ${status})`} in ${seconds} s\n`);
    return status === 0;
  }

  /** A step that counts as one test. */
  function check(label, path, args) {
    const ok = tool(label, path, args);
    if (ok) total.passed++;
    else fail(label);
    return ok;
  }

  /** Runs one vitest project and counts its tests. */
  function vitest(project, files = []) {
    const report = join(results, `${project}.json`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const ok = tool(project, 'vitest/vitest.mjs', ['run', '--project', project, ...reporters, ...files]);
    count(project, ok, existsSync(report) ? vitestTests(JSON.parse(readFileSync(report, 'utf8'))) : []);
  }

  /** Runs the Playwright tests on the built site and counts them: those that are tagged @slow, or all others. */
  function playwright(which) {
    const report = join(results, 'e2e.json');
    const port = String(20000 + (process.pid % 20000)); // beside whatever else is being served on this machine
    const settings = { PLAYWRIGHT_JSON_OUTPUT_FILE: report, E2E_PORT: port };
    const chosen = which === 'slow' ? '--grep' : '--grep-invert';
    const ok = tool('e2e', '@playwright/test/cli.js', ['test', chosen, '@slow'], settings);
    count('e2e', ok, existsSync(report) ? playwrightTests(JSON.parse(readFileSync(report, 'utf8')).suites) : []);
  }

  /** A runner that fails without a failed test (a file that does not load, nothing found) counts as one failure. */
  function count(label, ok, tests) {
    const failed = tests.filter(({ state }) => state === 'failed');
    total.passed += tests.filter(({ state }) => state === 'passed').length;
    for (const { title } of failed) fail(title);
    if ((!ok && failed.length === 0) || tests.length === 0) fail(`${label} did not run to its end, or ran nothing`);
    for (const { title } of tests.filter(({ state }) => state === 'skipped')) skip(title);
  }

  function skip(title) {
    total.skipped++;
    const expected = EXPECTED_SKIPS.find(({ test }) => test.test(title));
    if (expected) console.log(`[${name}] skipped: ${title}: ${expected.reason}`);
    else fail(`skipped without being expected: ${title}`);
  }

  function fail(sentence) {
    total.failed++;
    console.log(`[${name}] FAILED: ${sentence}`);
  }

  function finish() {
    console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
    process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
  }

  return { check, vitest, playwright, skip, fail, finish };
}

/** [{ title, state }] of vitest's JSON report. */
function vitestTests({ testResults }) {
  const state = (status) => (status === 'passed' || status === 'failed' ? status : 'skipped');
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ title: `${name} ${fullName}`, state: state(status) })),
  );
}

/** [{ title, state }] of Playwright's JSON report. */
function playwrightTests(suites, above = '') {
  return suites.flatMap(({ title, specs = [], suites: inner = [] }) => {
    const path = `${above} ${title}`.trim();
    const own = specs.flatMap((spec) =>
      spec.tests.map(({ status }) => {
        const state = status === 'skipped' ? 'skipped' : status === 'unexpected' ? 'failed' : 'passed';
        return { title: `${path} ${spec.title}`, state };
      }),
    );
    return [...own, ...playwrightTests(inner, path)];
  });
}
