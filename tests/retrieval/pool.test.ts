// Token vectors become one unit vector per text: the mean or the first, padding left out.
import { expect, it } from 'vitest';
import { pool } from '../../src/retrieval/pool.ts';

/** [2 texts, 3 tokens, 2 numbers]; the second text has one token, the rest is padding. */
const hidden = { dims: [2, 3, 2], data: Float32Array.of(3, 0, 0, 3, 0, 1, 0, 2, 9, 9, 9, 9) };
const near = (found: Float32Array, wanted: number[]): void => {
  expect(found).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 6);
};

it('the mean of the tokens, of unit length', () => {
  near(pool({ last_hidden_state: hidden }, [3, 1], 'mean'), [0.6, 0.8, 0, 1]);
});

it('the first token alone', () => {
  near(pool({ last_hidden_state: hidden }, [3, 1], 'cls'), [1, 0, 0, 1]);
});

it('a text without tokens has the vector of its first place, and zeros stay zeros', () => {
  near(
    pool({ token_embeddings: { dims: [2, 1, 2], data: Float32Array.of(0, 5, 0, 0) } }, [0, 1], 'mean'),
    [0, 1, 0, 0],
  );
});

it.each([
  ['no vector per token', { logits_per_image: hidden }, [3, 1], 'got logits_per_image []'],
  ['other texts than were given', { last_hidden_state: hidden }, [3], 'got last_hidden_state [2, 3, 2]'],
  ['integers', { last_hidden_state: { dims: [1, 1, 1], data: Int8Array.of(1) } }, [1], 'in float32'],
])('says what the model gave instead: %s', (_, outputs, lengths, words) => {
  expect(() => pool(outputs, lengths, 'mean')).toThrow(words);
});
