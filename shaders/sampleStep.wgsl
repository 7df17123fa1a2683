// After a draw: enters each row's token and ends rows that are finished. One thread per row; done rows stay as they are.
//   done: 0 = going on, 1 = the token is an end token (it is kept as the row's last), 2 = maxNewTokens reached
struct Params { rows: u32, vocab: u32, stride: u32 } // stride: columns of outIds
struct RowParams {
  temperature: f32, topP: f32, repetitionPenalty: f32, topK: u32, seed: u32, stream: u32, maxNewTokens: u32,
  eosCount: u32, eos: array<u32, 8>,
}
@group(0) @binding(0) var<storage, read>       chosen:    array<u32>;       // [rows]
@group(0) @binding(1) var<storage, read>       rowParams: array<RowParams>; // [rows]
@group(0) @binding(2) var<storage, read_write> ids:       array<u32>;       // [rows], the next token to feed
@group(0) @binding(3) var<storage, read_write> lengths:   array<u32>;       // [rows], tokens in the cache
@group(0) @binding(4) var<storage, read_write> count:     array<u32>;       // [rows]
@group(0) @binding(5) var<storage, read_write> done:      array<u32>;       // [rows]
@group(0) @binding(6) var<storage, read_write> seen:      array<u32>;       // [rows, ceil(vocab / 32)]
@group(0) @binding(7) var<storage, read_write> outIds:    array<u32>;       // [rows, stride]
@group(0) @binding(8) var<uniform>             params:    Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let b = thread.x;
  if (b < params.rows && done[b] == 0u) {
    let token = chosen[b];
    let n = count[b];
    if (n < params.stride) { outIds[b * params.stride + n] = token; }
    ids[b] = token;
    lengths[b] += 1u;
    count[b] = n + 1u;
    seen[b * ((params.vocab + 31u) / 32u) + token / 32u] |= 1u << (token % 32u);
    if (n + 1u >= min(rowParams[b].maxNewTokens, params.stride)) { done[b] = 2u; }
    for (var i = 0u; i < rowParams[b].eosCount; i++) {
      if (token == rowParams[b].eos[i]) { done[b] = 1u; }
    }
  }
}
