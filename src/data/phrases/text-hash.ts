// Texts as numbers, so that millions of them fit into tables of numbers.

const HIGH_BITS = 21

/**
 * A number of 53 bits that stands for a text, never 0. Two of a million texts share one with a chance of about 1 in 18,000.
 * Two rounds of multiplying and mixing as in MurmurHash3, each with constants of its own.
 */
export function hashText(text: string, seed = 0): number {
  let low = 0xdeadbeef ^ seed
  let high = 0x41c6ce57 ^ seed
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    low = Math.imul(low ^ unit, 0x9e3779b1)
    high = Math.imul(high ^ unit, 0x5f356495)
  }
  return join(mix(low ^ (high >>> 15)), mix(high ^ (low >>> 13)))
}

/** A number of 53 bits that stands for whole numbers in their order, never 0; see hashText. */
export function hashNumbers(numbers: readonly number[]): number {
  let low = 0xdeadbeef
  let high = 0x41c6ce57
  for (const number of numbers) {
    low = mix(low ^ number)
    high = Math.imul(high ^ (number >>> 16) ^ (number << 16), 0x5f356495)
  }
  return join(mix(low ^ (high >>> 15)), mix(high ^ (low >>> 13)))
}

/** A number in [0, 1) that three numbers decide: the same for the same, as if drawn for others. */
export function drawnFrom(seed: number, first: number, second: number): number {
  let state = mix(seed ^ 0x2545f491)
  for (const value of [first, second]) {
    state = mix(state ^ (value >>> 0))
    state = mix(state ^ Math.floor(value / 2 ** 32))
  }
  return (state >>> 0) / 2 ** 32
}

function mix(bits: number): number {
  let value = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}

function join(low: number, high: number): number {
  return (high >>> (32 - HIGH_BITS)) * 2 ** 32 + (low >>> 0) || 1
}
