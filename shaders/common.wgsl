// Helpers appended to the shaders that say `// @common`.

// Finite stand-in for minus infinity: WGSL may assume that infinities do not occur.
const NEGATIVE = -1e30;

// Philox 4x32-10 (Salmon et al. 2011): random bits from a counter and a key, the same on every adapter.
fn mulHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let mid = ah * bl + ((al * bl) >> 16u);
  let carry = (mid & 0xffffu) + al * bh;
  return ah * bh + (mid >> 16u) + (carry >> 16u);
}

fn philox(counterIn: vec4u, keyIn: vec2u) -> vec4u {
  var c = counterIn;
  var k = keyIn;
  for (var round = 0u; round < 10u; round++) {
    let h0 = mulHigh(0xD2511F53u, c.x);
    let l0 = 0xD2511F53u * c.x;
    let h1 = mulHigh(0xCD9E8D57u, c.z);
    let l1 = 0xCD9E8D57u * c.z;
    c = vec4u(h1 ^ c.y ^ k.x, l1, h0 ^ c.w ^ k.y, l0);
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// Uniform in (0, 1): 23 bits, never 0 or 1 (with 24, the largest value plus a half would round to 1).
fn uniform01(bits: u32) -> f32 {
  return (f32(bits >> 9u) + 0.5) / 8388608.0;
}
