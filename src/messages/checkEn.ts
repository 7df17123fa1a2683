// The device page in English.
import { count } from './count.ts';

const s = count('en');

export const checkEn = {
  lead: 'What this browser and its GPU can do for the studio, whether our kernels compute right on it, and how fast.',
  run: 'Check this device',
  runAgain: 'Check again',
  running: (percent: string) => `Checking… ${percent}`,
  note: 'It takes about half a minute. Nothing is sent anywhere; the report is yours to copy.',
  failed: 'The check could not be finished.',
  verdict: {
    good: (kernels: number) => `All ${s(kernels, 'kernel computes', 'kernels compute')} right on this device.`,
    bad: (failed: number, kernels: number) =>
      `${failed} of ${s(kernels, 'kernel is', 'kernels are')} wrong on this device. Answers cannot be trusted here. Please copy the report and send it to the project.`,
    missing: 'No WebGPU here: documents and search work, answers and training do not.',
  },
  help: 'What would help: a current Chrome or Edge, Safari 26, or Firefox on Windows or Mac. On Linux, open chrome://flags and switch on “Unsafe WebGPU Support” and “Vulkan”. On a managed computer WebGPU may be switched off by policy. A page opened over plain http has no WebGPU.',

  adapter: 'Adapter',
  adapterRows: {
    vendor: 'Vendor',
    architecture: 'Architecture',
    device: 'Device',
    description: 'Description',
  } as Record<string, string>,
  fallback: 'Software adapter: the processor plays the GPU. Everything works, slowly.',
  kernelPlan: 'Kernel plan',
  kernelPlanNote: 'Devices with the same plan run the same shaders with the same tiles.',
  unknown: 'not told',

  limits: 'Limits',
  limit: 'Limit',
  granted: 'Ours',
  offered: 'Offered',
  features: 'Features',
  wgslFeatures: 'WGSL language features',
  noneOffered: 'none',

  gate: 'Numbers',
  gateNote: 'Each kernel computes a small case whose result is known.',
  kernel: 'Kernel',
  result: 'Result',
  error: 'Largest error',
  tolerance: 'Allowed',
  time: 'Time',
  passed: 'right',
  wrong: 'wrong',

  bench: 'Speed',
  benchNote: 'A ten-second bench.',
  benchNames: {
    dispatch: 'One dispatch of almost nothing',
    'matmul 256': 'Product of two 256 × 256 matrices',
    'matmul 1024': 'Product of two 1024 × 1024 matrices',
    memory: 'Reading and writing memory',
    generation: 'One answer of the demo model',
  } as Record<string, string>,
  units: {} as Record<string, string>,
  measured: 'Measured',
  value: 'Value',

  browser: 'Browser',
  browserRows: {
    agent: 'Name',
    platform: 'System',
    cores: 'Processor cores',
    memory: 'Memory',
    isolated: 'Isolated (threads and exact clocks)',
    userAgent: 'User agent',
  },
  atLeast: (gib: number) => (gib >= 8 ? `${gib} GB or more` : `about ${gib} GB`),
  yes: 'yes',
  no: 'no',

  storage: 'Storage',
  used: 'Used',
  quota: 'Room',
  kept: 'Promised to be kept',

  lose: 'Lose the device on purpose',
  loseTitle: 'When the GPU is lost',
  loseNote:
    'Drivers reset, laptops sleep, tabs are starved. This destroys the device as a crash would; the studio takes a new one, loads the model again and goes on with what it was doing.',
  losing: 'Lost. Taking a new device…',
  back: (seconds: string) => `Lost and back after ${seconds} s. Nothing was lost.`,
  loseFailed: 'The device did not come back.',

  report: 'Report',
  showReport: 'Read it here',
  copyReport: 'Copy the report',
  download: 'Download as JSON',
  reportNote: 'As Markdown, in English. It names the device and the browser; it holds nothing of your projects.',
};
