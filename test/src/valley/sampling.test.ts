import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/valley/random.ts'
import { sampleToken } from '../../../src/valley/sampling.ts'

const never = () => {
  throw new Error('nothing is to be drawn')
}
const log = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)

/** How often each id is drawn out of a number of draws. */
function frequencies(logits: Float32Array, temperature: number, topP: number, draws = 20_000): number[] {
  const random = seededRandom(11)
  const counts = new Array<number>(logits.length).fill(0)
  for (let n = 0; n < draws; n++) counts[sampleToken(logits, { temperature, topP }, random)]!++
  return counts.map((count) => count / draws)
}

describe('sampleToken', () => {
  it('takes the best token at temperature 0 without drawing', () => {
    expect(sampleToken(Float32Array.of(1, 5, 3), { temperature: 0, topP: 1 }, never)).toBe(1)
  })

  it('takes the lowest id of equals', () => {
    expect(sampleToken(Float32Array.of(2, 5, 5, 5), { temperature: 0, topP: 1 }, never)).toBe(1)
  })

  it('draws in proportion to the softmax', () => {
    const shares = frequencies(log(0.5, 0.3, 0.2), 1, 1)
    // The standard deviation of a share over 20000 draws is below 0.0036; the bound is five of them.
    for (const [id, share] of [0.5, 0.3, 0.2].entries()) expect(Math.abs(shares[id]! - share)).toBeLessThan(0.018)
  })

  it('flattens with temperature: at 2, probabilities go by their square roots', () => {
    const roots = [0.64, 0.04].map(Math.sqrt)
    const expected = roots[0]! / (roots[0]! + roots[1]!)
    expect(Math.abs(frequencies(log(0.64, 0.04), 2, 1)[0]! - expected)).toBeLessThan(0.018)
  })

  it('keeps just the likeliest tokens that reach top-p, the lowest id of equals first', () => {
    const shares = frequencies(log(0.1, 0.3, 0.3, 0.3), 1, 0.5)
    expect(shares[0]).toBe(0)
    expect(shares[3]).toBe(0)
    expect(Math.abs(shares[1]! - 0.5)).toBeLessThan(0.018)
  })

  it('keeps the best token however small top-p is', () => {
    expect(frequencies(log(0.2, 0.7, 0.1), 1, 1e-9, 100)).toEqual([0, 1, 0])
  })

  it('never draws a token of probability 0', () => {
    const logits = Float32Array.of(0, Number.NEGATIVE_INFINITY)
    expect(frequencies(logits, 1, 1, 1000)).toEqual([1, 0])
    expect(sampleToken(logits, { temperature: 1, topP: 1 }, () => 1 - 2 ** -32)).toBe(0)
  })

  it('bears logits too large for a naive exponential', () => {
    expect(sampleToken(Float32Array.of(5000, 1000), { temperature: 0.5, topP: 0.9 }, seededRandom(1))).toBe(0)
  })

  it.each([
    ['not a number', Float32Array.of(1, Number.NaN)],
    ['nothing', Float32Array.of()],
    ['infinite', Float32Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)],
  ])('refuses logits that are %s', (_, logits) => {
    const draw = () => sampleToken(logits, { temperature: 0, topP: 1 }, never)
    expect(draw).toThrow(expect.objectContaining({ code: 'INFERENCE_FAILED' }))
  })
})
