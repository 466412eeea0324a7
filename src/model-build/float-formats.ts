// The 16-bit float formats of checkpoints and packages. Node 20 has no Float16Array, so the conversions stand here.
// Layouts: IEEE 754 binary16 (1 sign, 5 exponent, 10 mantissa bits) and bfloat16 (the upper half of a float32).

const scratchFloat = new Float32Array(1)
const scratchBits = new Uint32Array(scratchFloat.buffer)
let halfTable: Float32Array | null = null

/** float32 value of each of the 65536 half-precision bit patterns; built at first use. */
function halfValues(): Float32Array {
  if (halfTable !== null) return halfTable
  const table = new Float32Array(65536)
  for (let bits = 0; bits < 65536; bits++) {
    const exponent = (bits >> 10) & 0x1f
    const mantissa = bits & 0x3ff
    const sign = bits & 0x8000 ? -1 : 1
    if (exponent === 0) table[bits] = sign * mantissa * 2 ** -24
    else if (exponent === 31) table[bits] = mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    else table[bits] = sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
  }
  halfTable = table
  return table
}

/**
 * Widens half-precision bit patterns to float32, exactly. `to` has at least the length of `from`.
 * @returns whether all of them are finite
 */
export function halfToFloat32(from: Uint16Array, to: Float32Array): boolean {
  const table = halfValues()
  let seen = 0
  for (let i = 0; i < from.length; i++) {
    const half = from[i]!
    to[i] = table[half]!
    // Of an exponent of ones alone, which infinities and NaN have, the sum reaches the sign's bit.
    seen |= (half & 0x7c00) + 0x400
  }
  return (seen & 0x8000) === 0
}

/**
 * Widens bfloat16 bit patterns to float32, exactly. `to` has at least the length of `from`, which begins at a multiple of 4 bytes.
 * @returns whether all of them are finite
 */
export function bfloat16ToFloat32(from: Uint16Array, to: Float32Array): boolean {
  const { length } = from
  const bits = new Int32Array(to.buffer, to.byteOffset, length)
  let seen = 0
  // Two at a time is faster by a third: the first is the low half of a word.
  const pairs = new Int32Array(from.buffer, from.byteOffset, length >> 1)
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i]!
    bits[2 * i] = pair << 16
    bits[2 * i + 1] = pair & 0xffff0000
    seen |= ((pair & 0x7f80) + 0x80) | (((pair >>> 16) & 0x7f80) + 0x80) // as above
  }
  if (length % 2 === 1) {
    const last = from[length - 1]!
    bits[length - 1] = last << 16
    seen |= (last & 0x7f80) + 0x80
  }
  return (seen & 0x8000) === 0
}

/**
 * Half-precision bit pattern nearest to a number, ties to even; beyond 65504 an infinity, as IEEE 754 rounds.
 */
export function toHalf(value: number): number {
  scratchFloat[0] = value
  const bits = scratchBits[0]!
  const sign = (bits >>> 16) & 0x8000
  const exponent = (bits >>> 23) & 0xff
  const mantissa = bits & 0x7fffff
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200)
  const halfExponent = exponent - 127 + 15
  if (halfExponent >= 31) return sign | 0x7c00
  if (halfExponent <= 0) {
    // Subnormal: the hidden bit joins the mantissa and everything shifts right.
    if (halfExponent < -10) return sign
    return sign | roundedShift(mantissa | 0x800000, 14 - halfExponent)
  }
  // A carry out of the mantissa rightly raises the exponent, up to infinity.
  return sign | ((halfExponent << 10) + roundedShift(mantissa, 13))
}

/** value / 2^shift, rounded to nearest, ties to even. */
function roundedShift(value: number, shift: number): number {
  const whole = value >>> shift
  const rest = value & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  return rest > half || (rest === half && (whole & 1) === 1) ? whole + 1 : whole
}
