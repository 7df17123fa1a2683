// The peer of the step bench: the same step in jax-js, one jitted function. Plain JavaScript: its trees defy its types.

/** @param {import('./workload.ts').Workload} w */
export async function jaxjsStep(w) {
  const { numpy: np, nn, valueAndGrad, jit, tree, init, defaultDevice } = await import('@jax-js/jax');
  await init('webgpu');
  defaultDevice('webgpu');
  const { batch, time, dim, heads, kvHeads, rank } = w;
  const headDim = dim / heads;
  const half = headDim / 2;
  const matrix = ({ shape, values }) => np.array(values).reshape(shape);
  const base = {
    embedding: matrix(w.embedding),
    layers: w.numbers.map((n) => ({
      ...Object.fromEntries(Object.entries(n.base).map(([name, m]) => [name, matrix(m)])),
      inputNorm: np.ones([dim]),
      postNorm: np.ones([dim]),
    })),
    norm: np.ones([dim]),
  };
  let lora = w.numbers.map(({ a }) => ({
    ...{ qa: matrix(a.q), qb: np.zeros([rank, dim]) },
    ...{ va: matrix(a.v), vb: np.zeros([rank, kvHeads * headDim]) },
  }));
  const angles = Float32Array.from(
    { length: time * half },
    (_, i) => Math.floor(i / half) / 10000 ** ((2 * (i % half)) / headDim),
  );
  const table = (f) => np.array(angles.map(f)).reshape([1, time, 1, half]);
  const [cosines, sines] = [table(Math.cos), table(Math.sin)];

  const rmsnorm = (x, weight) => {
    const mean = np.mean(np.square(x.ref), -1, { keepdims: true });
    return x.mul(np.reciprocal(np.sqrt(mean.add(1e-5)))).mul(weight);
  };
  const rope = (x, cos, sin) => {
    const low = x.ref.slice([], [], [], [0, half]);
    const high = x.slice([], [], [], [half, headDim]);
    const turned = [low.ref.mul(cos.ref).sub(high.ref.mul(sin.ref)), high.mul(cos).add(low.mul(sin))];
    return np.concatenate(turned, 3);
  };
  const adapted = (x, weight, a, b) => np.matmul(x.ref, weight).add(np.matmul(np.matmul(x, a), b).mul(2));
  const split = (x, count) => x.reshape([batch, time, count, headDim]);

  function loss(adapters, b, ids, targets, cos, sin) {
    let x = np.take(b.embedding.ref, ids, 0); // [B, T, D]
    b.layers.forEach((layer, l) => {
      const { qa, qb, va, vb } = adapters[l];
      const h = rmsnorm(x.ref, layer.inputNorm);
      const q = rope(split(adapted(h.ref, layer.q, qa, qb), heads), cos.ref, sin.ref);
      const k = rope(split(np.matmul(h.ref, layer.k), kvHeads), cos.ref, sin.ref);
      const v = split(adapted(h, layer.v, va, vb), kvHeads);
      const mixed = nn.dotProductAttention(q, k, v, { isCausal: true });
      x = x.add(np.matmul(mixed.reshape([batch, time, dim]), layer.o));
      const g = rmsnorm(x.ref, layer.postNorm);
      x = x.add(np.matmul(nn.silu(np.matmul(g.ref, layer.gate)).mul(np.matmul(g, layer.up)), layer.down));
    });
    const logits = np.matmul(rmsnorm(x, b.norm), np.transpose(b.embedding));
    cos.dispose?.();
    sin.dispose?.();
    const logprobs = nn.logSoftmax(logits, -1);
    return logprobs
      .mul(nn.oneHot(targets, w.vocab))
      .sum()
      .mul(-1 / (batch * time));
  }

  const rate = 1e-3;
  const step = jit((adapters, m, v, b, ids, targets, cos, sin) => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(adapters), b, ids, targets, cos, sin);
    const m2 = tree.map((x, g) => x.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradient));
    const v2 = tree.map((x, g) => x.mul(0.999).add(np.square(g).mul(0.001)), v, gradient);
    const update = (p, x, y) => p.sub(x.mul(rate).div(np.sqrt(y).add(1e-8)));
    return { loss: value, lora: tree.map(update, adapters, tree.ref(m2), tree.ref(v2)), m: m2, v: v2 };
  });

  const zeros = () => tree.map((x) => np.zerosLike(x.ref), lora);
  let [m, v] = [zeros(), zeros()];
  const ids = np.array(w.ids).reshape([batch, time]);
  const targets = np.array(w.targets).reshape([batch, time]);
  const losses = [];
  return {
    name: 'jax-js',
    losses,
    async go(repeat) {
      for (let i = 0; i < repeat; i++) {
        const next = step(lora, m, v, tree.ref(base), ids.ref, targets.ref, cosines.ref, sines.ref);
        ({ lora, m, v } = next);
        losses.push((await next.loss.data())[0]);
      }
    },
    dispose() {
      tree.dispose([lora, m, v, base, ids, targets, cosines, sines]);
      step.dispose();
    },
  };
}
