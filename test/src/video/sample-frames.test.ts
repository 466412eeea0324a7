import { describe, expect, it } from 'vitest'
import { sampleFrames, samplePictures } from '../../../src/video/sample-frames.ts'

/** Times of `count` pictures at a steady rate. */
const steady = (count: number, rate: number): number[] => Array.from({ length: count }, (_, index) => index / rate)

describe('sampleFrames, uniform', () => {
  it('takes the first picture, the last, and even steps between them', () => {
    // linspace(0, 9.9, 4) = 0, 3.3, 6.6, 9.9
    expect(sampleFrames({ mode: 'uniform', count: 4 }, steady(100, 10))).toEqual([0, 33, 66, 99])
  })

  it('takes the picture that is on screen at a moment, never the one that comes next', () => {
    // linspace(0, 0.9, 8) = 0, 0.128…, 0.257…, 0.385…, 0.514…, 0.642…, 0.771…, 0.9
    expect(sampleFrames({ mode: 'uniform', count: 8 }, steady(10, 10))).toEqual([0, 1, 2, 3, 5, 6, 7, 9])
  })

  it('gives the same indices as numpy linspace cut to integers when the rate is steady', () => {
    // numpy.linspace(0, 1188, 8).astype(int)
    const expected = [0, 169, 339, 509, 678, 848, 1018, 1188]
    expect(sampleFrames({ mode: 'uniform', count: 8 }, steady(1189, 179 / 6))).toEqual(expected)
  })

  it('gives each picture once when there are fewer than asked for', () => {
    expect(sampleFrames({ mode: 'uniform', count: 8 }, steady(3, 10))).toEqual([0, 1, 2])
    expect(sampleFrames({ mode: 'uniform', count: 8 }, [0])).toEqual([0])
  })

  it('goes by time, not by count, when the rate changes', () => {
    // One picture a second for four seconds, then a burst of 90: moments 0, 1.333…, 2.666…, 4 s.
    const times = [0, 1, 2, 3, ...Array.from({ length: 90 }, (_, index) => 3.11 + index * 0.01)]
    expect(sampleFrames({ mode: 'uniform', count: 4 }, times)).toEqual([0, 1, 2, times.length - 1])
  })

  it('gives a picture that stays on screen only once', () => {
    expect(sampleFrames({ mode: 'uniform', count: 8 }, [0, 9.9, 10])).toEqual([0, 2])
  })

  it('counts from the first picture when that is not at zero', () => {
    expect(sampleFrames({ mode: 'uniform', count: 3 }, [5, 6, 7])).toEqual([0, 1, 2])
  })

  it('takes the first picture for a count of one', () => {
    expect(sampleFrames({ mode: 'uniform', count: 1 }, steady(10, 10))).toEqual([0])
  })

  it('is not thrown off by timestamps that binary fractions cannot hold', () => {
    // 1/3 s apart: the moment 2/3 must find the picture at 2/3.
    const times = [0, 1 / 3, 2 / 3, 1]
    expect(sampleFrames({ mode: 'uniform', count: 4 }, times)).toEqual([0, 1, 2, 3])
  })
})

describe('sampleFrames, middles', () => {
  it('takes the middle picture of each of so many equal stretches', () => {
    // Edges 0, 2.5, 5, 7.5, 10 rounded half to even: 0, 2, 5, 8, 10; their middles, cut.
    expect(sampleFrames({ mode: 'middles', count: 4 }, steady(11, 10))).toEqual([1, 3, 6, 9])
  })

  it('takes each picture once when there are no more than asked for', () => {
    expect(sampleFrames({ mode: 'middles', count: 8 }, steady(8, 10))).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(sampleFrames({ mode: 'middles', count: 8 }, [5])).toEqual([0])
  })
})

describe('sampleFrames, fps', () => {
  it('takes a picture each 1 / fps from the first on, the end included', () => {
    expect(sampleFrames({ mode: 'fps', framesPerSecond: 2, maxCount: 100 }, steady(31, 10))).toEqual([
      0, 5, 10, 15, 20, 25, 30,
    ])
  })

  it('spreads the most it may take over the whole clip when the rate would pass the cap', () => {
    expect(sampleFrames({ mode: 'fps', framesPerSecond: 10, maxCount: 4 }, steady(100, 10))).toEqual([0, 33, 66, 99])
  })

  it('gives each picture once when asked for more than the clip has', () => {
    expect(sampleFrames({ mode: 'fps', framesPerSecond: 50, maxCount: 1000 }, steady(4, 10))).toEqual([0, 1, 2, 3])
  })

  it('takes at least one picture, however slow', () => {
    expect(sampleFrames({ mode: 'fps', framesPerSecond: 0.01, maxCount: 8 }, steady(10, 10))).toEqual([0])
  })

  it('keeps the order and gives no picture twice, whatever the times', () => {
    let seed = 7
    const random = (): number => {
      // Park and Miller's generator.
      seed = (seed * 48271) % 2147483647
      return seed / 2147483647
    }
    for (let round = 0; round < 200; round++) {
      let time = random() * 100
      const times = Array.from({ length: 1 + Math.floor(random() * 40) }, () => (time += 0.001 + random() ** 4))
      const count = 1 + Math.floor(random() * 20)
      for (const recipe of [
        { mode: 'uniform', count } as const,
        { mode: 'fps', framesPerSecond: 0.1 + random() * 30, maxCount: count } as const,
      ]) {
        const indices = sampleFrames(recipe, times)
        expect(indices.length).toBeGreaterThan(0)
        expect(indices.length).toBeLessThanOrEqual(count)
        expect(indices[0]).toBe(0)
        for (let place = 1; place < indices.length; place++) expect(indices[place]).toBeGreaterThan(indices[place - 1]!)
        expect(indices.at(-1)).toBeLessThan(times.length)
      }
    }
  })
})

describe('samplePictures', () => {
  const times = (count: number) => Array.from({ length: count }, (_, index) => index / 25)
  const every = (step: number, count: number) =>
    Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step)
  const recipe = { mode: 'uniform', count: 16 } as const

  it('chooses among all pictures of a short clip, and of a long one whose key frames are too few', () => {
    const short = times(1500)
    expect(samplePictures(recipe, short, every(10, 1500))).toEqual(sampleFrames(recipe, short))
    const long = times(3000)
    expect(samplePictures(recipe, long, every(250, 3000))).toEqual(sampleFrames(recipe, long))
    expect(samplePictures(recipe, long, [])).toEqual(sampleFrames(recipe, long))
  })

  it('chooses among the key frames of a long clip, from the first to the last', () => {
    const chosen = samplePictures(recipe, times(3000), every(100, 3000))
    expect(chosen).toHaveLength(16)
    expect(chosen.every((index) => index % 100 === 0)).toBe(true)
    expect([chosen[0], chosen.at(-1)]).toEqual([0, 2900])
  })

  it('takes two minutes with a key frame every 250 pictures by key frames alone', () => {
    expect(samplePictures(recipe, times(3600), every(250, 3600))).toEqual(every(250, 3600))
  })
})
