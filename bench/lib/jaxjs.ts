// The peer: matmul of jax-js, which runs in the browser only.
import type { Contender } from './context.ts';
import type { Shape } from './shapes.ts';

export interface Peer extends Contender {
  result(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** y = op(a) · op(b), jitted; the arrays lie as ours do. */
export async function jaxjs(
  { layout, m, n, k }: Shape,
  a: Float32Array<ArrayBuffer>,
  b: Float32Array<ArrayBuffer>,
): Promise<Peer> {
  const { numpy: np, init, defaultDevice, jit } = await import('@jax-js/jax');
  await init('webgpu');
  defaultDevice('webgpu');
  type NumpyArray = ReturnType<typeof np.array>;
  const left = np.array(a).reshape(layout === 'TN' ? [k, m] : [m, k]);
  const right = np.array(b).reshape(layout === 'NT' ? [n, k] : [k, n]);
  const product = jit((x: NumpyArray, y: NumpyArray) =>
    np.matmul(layout === 'TN' ? np.transpose(x) : x, layout === 'NT' ? np.transpose(y) : y),
  );
  return {
    name: 'jax-js',
    async go(repeat) {
      // Held until all are done: an output that is disposed early is never computed.
      const outputs = Array.from({ length: repeat }, () => product(left.ref, right.ref));
      await Promise.all(outputs.map((y) => y.blockUntilReady()));
      for (const y of outputs) y.dispose();
    },
    result: () => product(left.ref, right.ref).data() as Promise<ArrayLike<number>>,
    dispose() {
      left.dispose();
      right.dispose();
      product.dispose();
    },
  };
}
