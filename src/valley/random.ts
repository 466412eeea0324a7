// Repeatable random numbers for sampling: Marsaglia's xorshift32 (Journal of Statistical Software 8(14), 2003, triple
// 13, 17, 5). The seed goes through MurmurHash3's 32-bit finaliser first, so that seeds 0, 1, 2 begin far apart.

/** Draws numbers evenly from [0, 1); each call advances the sequence. */
export type Random = () => number

/** Starts a sequence; the same seed gives the same numbers on every machine. The seed's lower 32 bits count. */
export function seededRandom(seed: number): Random {
  let state = mix(seed)
  if (state === 0) state = 1 // xorshift would stay at 0 for ever
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

function mix(seed: number): number {
  let bits = seed | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
