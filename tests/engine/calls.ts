// Counts what a device creates, and which of its buffers are still there.

export interface Calls {
  /** Method → how often it was called; methods that were not are absent. */
  counts: Record<string, number>;
  /** Buffers created since and not destroyed. */
  alive(): number;
  restore(): void;
}

export function countCalls(device: GPUDevice): Calls {
  const counts: Record<string, number> = {};
  let alive = 0;
  const count = (name: string) => (counts[name] = (counts[name] ?? 0) + 1);
  const createBuffer = device.createBuffer.bind(device);
  const createBindGroup = device.createBindGroup.bind(device);
  const createPipeline = device.createComputePipelineAsync.bind(device);
  const own = {
    createBuffer(descriptor: GPUBufferDescriptor): GPUBuffer {
      count('createBuffer');
      alive++;
      const buffer = createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        alive--;
        return destroy();
      };
      return buffer;
    },
    createBindGroup(descriptor: GPUBindGroupDescriptor): GPUBindGroup {
      count('createBindGroup');
      return createBindGroup(descriptor);
    },
    createComputePipelineAsync(descriptor: GPUComputePipelineDescriptor): Promise<GPUComputePipeline> {
      count('createComputePipelineAsync');
      return createPipeline(descriptor);
    },
  };
  Object.assign(device, own);
  return {
    counts,
    alive: () => alive,
    restore: () => {
      for (const name of Object.keys(own)) Reflect.deleteProperty(device, name);
    },
  };
}
