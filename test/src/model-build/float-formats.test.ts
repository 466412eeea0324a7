import { describe, expect, it } from 'vitest'
import { halfToFloat32, toHalf } from '../../../src/model-build/float-formats.ts'

const widen = (bits: number): number => {
  const to = new Float32Array(1)
  halfToFloat32(Uint16Array.of(bits), to)
  return to[0]!
}

describe('toHalf', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [1 / 3, 0x3555],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
  ])('gives %d its IEEE 754 bits', (value, bits) => {
    expect(toHalf(value)).toBe(bits)
  })

  it('rounds ties to even, also into the next exponent and to infinity', () => {
    const unit = 2 ** -10
    expect(widen(toHalf(1 + unit / 2))).toBe(1)
    expect(widen(toHalf(1 + 1.5 * unit))).toBe(1 + 2 * unit)
    expect(widen(toHalf(2 - unit / 2))).toBe(2)
    expect(widen(toHalf(65519))).toBe(65504)
    expect(widen(toHalf(65520))).toBe(Number.POSITIVE_INFINITY)
    expect(widen(toHalf(2 ** -25))).toBe(0)
    expect(widen(toHalf(2 ** -25 * 1.001))).toBe(2 ** -24)
  })

  it('gives back every half that was widened', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = widen(bits)
      if (Number.isNaN(value)) expect(Number.isNaN(widen(toHalf(value)))).toBe(true)
      else if (toHalf(value) !== bits)
        expect.fail(`0x${bits.toString(16)} came back as 0x${toHalf(value).toString(16)}`)
    }
  })
})
