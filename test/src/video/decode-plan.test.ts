import { describe, expect, it } from 'vitest'
import {
  type DecodeChoice,
  type DecodeRun,
  oneStretch,
  placesOf,
  planDecoding,
} from '../../../src/video/decode-plan.ts'

const every = (step: number, count: number) => Array.from({ length: Math.ceil(count / step) }, (_, at) => at * step)
const choice = (keyPlaces: readonly number[], more: Partial<DecodeChoice> = {}): DecodeChoice => ({
  keyPlaces,
  canSeek: true,
  mostHeld: 100,
  mostSought: 8,
  ...more,
})
const pass = (places: readonly number[]): DecodeRun[] => [oneStretch(null, places, false)]

describe('how the chosen pictures of a long clip are come to', () => {
  it('is from the key frame before each, when key frames stand far apart in a clip that is much longer', () => {
    const wanted = [10, 900, 12_345, 53_999]
    expect(planDecoding(wanted, choice(every(250, 54_000)))).toEqual([
      oneStretch(0, [10], false),
      oneStretch(750, [900], false),
      oneStretch(12_250, [12_345], false),
      oneStretch(53_750, [53_999], false),
    ])
  })

  it('is by key frames alone when all are key frames and those between are few', () => {
    const wanted = every(500, 3600)
    expect(planDecoding(wanted, choice(every(250, 3600)))).toEqual([oneStretch(null, wanted, true)])
  })

  it('is by one key frame after the other when a clip of hours has very many', () => {
    const wanted = every(21_500, 324_000)
    const alone = wanted.map((place) => ({ fromPlace: place, places: [place] }))
    expect(planDecoding(wanted, choice(every(250, 324_000)))).toEqual([
      { stretches: alone.slice(0, 8), keyFramesOnly: true },
      { stretches: alone.slice(8), keyFramesOnly: true },
    ])
    const large = choice(every(250, 324_000), { mostSought: 1 })
    expect(planDecoding(wanted, large).map(placesOf)).toEqual(wanted.map((place) => [place]))
  })

  it('goes on over the next key frame where that is less than to begin again', () => {
    const near = [5000, 5010, 5260, 9000]
    expect(planDecoding(near, choice(every(250, 10_000)))).toEqual([
      oneStretch(5000, [5000, 5010], false),
      oneStretch(5250, [5260], false),
      oneStretch(9000, [9000], false),
    ])
    expect(planDecoding([5240, 5260, 9000], choice(every(250, 10_000)))).toEqual([
      oneStretch(5000, [5240, 5260], false),
      oneStretch(9000, [9000], false),
    ])
  })

  it('is one pass when most of the clip would be decoded in any case', () => {
    const wanted = every(100, 3600).map((place) => place + 99)
    expect(planDecoding(wanted, choice(every(250, 3600)))).toEqual(pass(wanted))
  })

  it('is one pass when a container leads to no place, or no key frame is known', () => {
    const wanted = [10, 50_000]
    expect(planDecoding(wanted, choice(every(250, 54_000), { canSeek: false }))).toEqual(pass(wanted))
    expect(planDecoding(wanted, choice([]))).toEqual(pass(wanted))
  })

  it('holds no more pictures than there is room for', () => {
    const wanted = [...every(10, 200).map((place) => 20_000 + place), 50_000]
    expect(planDecoding(wanted, choice(every(250, 54_000), { mostHeld: 30 }))).toEqual(pass(wanted))
    expect(
      planDecoding(wanted, choice(every(250, 54_000), { mostHeld: 60 })).map((run) => placesOf(run).length),
    ).toEqual([20, 1])
  })
})
