// Draws one token per row from its logits. One workgroup per row; rows with done ≠ 0 are left alone.
//   x = logits;  tokens already seen: x / penalty if x > 0, else x · penalty       (Keskar et al. 2019)
//   z = x / temperature                                                            (temperature 0: z = x, no noise)
//   top-k: the k largest z;  top-p: the largest z whose softmax reaches p, at least one.  Equal values stay together.
//   token = argmax(z + g), g = −log(−log(1 − u)), u from Philox(token, count, stream; seed): a draw from softmax(z)
//   logprob = log softmax(logits / temperature)[token], before penalty and truncation (temperature 0: as if 1)
// @common
struct Params { vocab: u32, stride: u32 } // stride: columns of outLogprobs
struct RowParams {
  temperature: f32, topP: f32, repetitionPenalty: f32, topK: u32, seed: u32, stream: u32, maxNewTokens: u32,
  eosCount: u32, eos: array<u32, 8>,
}
@group(0) @binding(0) var<storage, read>       logits:      array<f32>;       // [B, vocab]
@group(0) @binding(1) var<storage, read>       seen:        array<u32>;       // [B, ceil(vocab / 32)], one bit a token
@group(0) @binding(2) var<storage, read>       rowParams:   array<RowParams>; // [B]
@group(0) @binding(3) var<storage, read>       count:       array<u32>;       // [B], tokens drawn so far
@group(0) @binding(4) var<storage, read>       done:        array<u32>;       // [B]
@group(0) @binding(5) var<storage, read_write> chosen:      array<u32>;       // [B]
@group(0) @binding(6) var<storage, read_write> outLogprobs: array<f32>;       // [B, stride]
@group(0) @binding(7) var<uniform>             params:      Params;

const SAMPLING = 0x73616d70u; // last word of the counter, as DOMAIN.sampling of random.ts

// LANES is prepended: threads of a workgroup. Two halves that take turns, so that one barrier a reduction is enough.
var<workgroup> scratch: array<vec4f, 2u * LANES>;
var<private> half = 0u;

struct Row { logits: u32, seen: u32, penalty: f32, inverse: f32 } // where its data begins; inverse = 1 / temperature

// Shows every lane's value to all; the returned index is where they begin.
fn share(lane: u32, mine: vec4f) -> u32 {
  half = LANES - half;
  scratch[half + lane] = mine;
  workgroupBarrier();
  return half;
}

fn reduceSum(lane: u32, mine: vec4f) -> vec4f {
  let first = share(lane, mine);
  var all = vec4f();
  for (var i = 0u; i < LANES; i++) { all += scratch[first + i]; }
  return all;
}

fn reduceMax(lane: u32, mine: vec4f) -> vec4f {
  let first = share(lane, mine);
  var all = vec4f(NEGATIVE);
  for (var i = 0u; i < LANES; i++) { all = max(all, scratch[first + i]); }
  return all;
}

// Logits of tokens 4·block … 4·block + 3; what lies beyond the vocabulary can neither win nor weigh.
fn fourLogits(row: Row, block: u32) -> vec4f {
  let tokens = 4u * block + vec4u(0u, 1u, 2u, 3u);
  let at = row.logits + min(tokens, vec4u(params.vocab - 1u));
  return select(vec4f(NEGATIVE), vec4f(logits[at.x], logits[at.y], logits[at.z], logits[at.w]), tokens < vec4u(params.vocab));
}

// Their z.
fn fourScores(row: Row, block: u32, x: vec4f) -> vec4f {
  if (row.penalty == 1.0) { return x * row.inverse; }
  let bits = (vec4u(seen[row.seen + block / 8u]) >> (4u * (block % 8u) + vec4u(0u, 1u, 2u, 3u))) & vec4u(1u);
  return select(x, select(x * row.penalty, x / row.penalty, x > vec4f()), bits == vec4u(1u)) * row.inverse;
}

// Unsigned numbers in the same order as the floats.
fn orderKeys(x: vec4f) -> vec4u {
  let bits = bitcast<vec4u>(x);
  return select(~bits, bits | vec4u(0x80000000u), bits < vec4u(0x80000000u));
}

// The largest key t such that the tokens with key ≥ max(t, floor) number at least `wanted` (byMass: hold at least that
// share of their softmax). Two bits a turn; every turn adds in the same order, so the sums fall as t grows.
fn threshold(lane: u32, row: Row, floor: u32, top: f32, byMass: bool, wanted: f32) -> u32 {
  var prefix = 0u;
  var goal = wanted;
  for (var turn = 0u; turn < 16u; turn++) {
    let shift = 30u - 2u * turn;
    let keys = max(vec4u(prefix) + (vec4u(0u, 1u, 2u, 3u) << vec4u(shift)), vec4u(floor));
    var mine = vec4f();
    for (var block = lane; 4u * block < params.vocab; block += LANES) {
      let z = fourScores(row, block, fourLogits(row, block));
      let own = orderKeys(z);
      let weights = select(vec4f(1.0), exp(z - top), byMass);
      // @unroll
      for (var i = 0u; i < 4u; i++) { mine += select(vec4f(), vec4f(weights[i]), vec4u(own[i]) >= keys); }
    }
    let sums = reduceSum(lane, mine);
    if (byMass && turn == 0u) { goal = wanted * sums.x; }
    prefix += (u32(sums.y >= goal) + u32(sums.z >= goal) + u32(sums.w >= goal)) << shift;
  }
  return prefix;
}

// −log(1 − u) for u = (bits + ½) / 2³²: exact for the small values that win, never 0.
fn exponential(bits: vec4u) -> vec4f {
  let u = (vec4f(bits) + 0.5) / 4294967296.0;
  let rest = (vec4f(~bits) + 0.5) / 4294967296.0;
  let series = u * (1.0 + u * (1.0 / 2.0 + u * (1.0 / 3.0 + u * (1.0 / 4.0 + u * (1.0 / 5.0 + u / 6.0)))));
  return select(-log(rest), series, u < vec4f(0.0625));
}

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let b = group.x;
  let greedy = rowParams[b].temperature == 0.0;
  let row = Row(
    b * params.vocab,
    b * ((params.vocab + 31u) / 32u),
    rowParams[b].repetitionPenalty,
    select(1.0 / rowParams[b].temperature, 1.0, greedy),
  );
  if (done[b] == 0u) {
    var largest = vec4f(NEGATIVE); // of logits / temperature
    var highest = vec4f(NEGATIVE); // of z
    for (var block = lane; 4u * block < params.vocab; block += LANES) {
      let x = fourLogits(row, block);
      largest = max(largest, x * row.inverse);
      highest = max(highest, fourScores(row, block, x));
    }
    let tops = reduceMax(lane, vec4f(max(largest.xy, largest.zw), max(highest.xy, highest.zw)));
    let top = max(tops.x, tops.y);
    let zTop = max(tops.z, tops.w);

    var floor = 0u;
    for (var byMass = 0u; byMass < 2u; byMass++) { // top-k, then top-p among what it keeps
      let wanted = select(f32(rowParams[b].topK), rowParams[b].topP, byMass == 1u);
      if (!greedy && select(wanted > 0.0, wanted < 1.0, byMass == 1u)) {
        floor = threshold(lane, row, floor, zTop, byMass == 1u, wanted);
      }
    }
    floor = min(floor, orderKeys(vec4f(zTop)).x);

    var sums = vec4f();
    var best = NEGATIVE;
    var bestToken = 0u;
    for (var block = lane; 4u * block < params.vocab; block += LANES) {
      let x = fourLogits(row, block);
      sums += exp(x * row.inverse - top);
      let z = fourScores(row, block, x);
      var noisy = z;
      if (!greedy) {
        let bits = philox(vec4u(block, count[b], rowParams[b].stream, SAMPLING), vec2u(rowParams[b].seed, 0u));
        noisy -= log(exponential(bits));
      }
      noisy = select(vec4f(NEGATIVE), noisy, orderKeys(z) >= vec4u(floor));
      // @unroll
      for (var i = 0u; i < 4u; i++) {
        if (noisy[i] > best) {
          best = noisy[i];
          bestToken = 4u * block + i;
        }
      }
    }
    let sum = sums.x + sums.y + sums.z + sums.w;
    let first = share(lane, vec4f(sum, best, f32(bestToken), 0.0));
    if (lane == 0u) {
      var last = scratch[first]; // total, best, token; of tokens that tie the lowest
      for (var i = 1u; i < LANES; i++) {
        let other = scratch[first + i];
        let wins = other.y > last.y || (other.y == last.y && other.z < last.z);
        last = vec4f(last.x + other.x, select(last.yz, other.yz, wins), 0.0);
      }
      let token = u32(last.z);
      chosen[b] = token;
      if (count[b] < params.stride) {
        outLogprobs[b * params.stride + count[b]] = logits[row.logits + token] * row.inverse - top - log(last.x);
      }
    }
  }
}
