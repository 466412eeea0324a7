import { describe, expect, it } from 'vitest'
import { LEAST_LIKENESS, likenessOf, NearCaptions } from '../../../../src/data/alignment/near-captions.ts'
import { type ClipLook, NearClips } from '../../../../src/data/alignment/near-clips.ts'
import { drawnFrom, hashText } from '../../../../src/data/phrases/text-hash.ts'
import { TwiceSketch } from '../../../../src/data/phrases/twice-sketch.ts'

const words = (text: string) => text.split(' ')

/** Reads captions twice, as a set is built. @returns those that are like no earlier one */
function kept(captions: readonly string[], likeness = 0.8): string[] {
  const near = new NearCaptions(likeness)
  for (const caption of captions) near.look(words(caption))
  return captions.filter((caption) => !near.isLikeEarlier(words(caption)))
}

/** Captions of twenty words that nobody else has, and after each a variant with some of its last words changed. */
function variants(count: number, changed: number): string[] {
  return Array.from({ length: count }, (_, number) => {
    const own = Array.from({ length: 20 }, (_, place) => `w${number}x${place}`)
    const other = own.map((word, place) => (place >= own.length - changed ? `${word}y` : word))
    return [own.join(' '), other.join(' ')]
  }).flat()
}

describe('captions', () => {
  it('are alike from a share of the same word pairs on, whichever came first', () => {
    // Of 19 pairs each 18 are the same: 18 of 20.
    const [own, other] = variants(1, 1) as [string, string]
    expect(kept([own, other], 0.9)).toEqual([own])
    expect(kept([other, own], 0.9)).toEqual([other])
    expect(kept([own, other], 0.91)).toEqual([own, other])
  })

  it.each([
    // With n of 20 words changed 19 - n of 19 + n pairs are the same.
    [1, 0.8, 0, 3],
    [2, 0.8, 0, 20],
    [3, 0.8, 300, 300],
    [5, 0.5, 0, 20],
    [7, 0.5, 300, 300],
  ])('of which %i of twenty words differ are seen at %f', (changed, likeness, least, most) => {
    const left = kept(variants(300, changed), likeness).length - 300
    expect(left).toBeGreaterThanOrEqual(least)
    expect(left).toBeLessThanOrEqual(most)
  })

  it('that are like one that was left out are only left out when they are like one that was kept', () => {
    const steps = Array.from({ length: 4 }, (_, step) =>
      Array.from({ length: 20 }, (_, place) => (place <= step ? `n${place}` : `o${place}`)).join(' '),
    )
    // Neighbours share 17 of 21 pairs, 0.81; the first and the third 16 of 22, 0.73.
    expect(kept(steps, 0.8)).toEqual([steps[0], steps[2]])
  })

  it('without words, and of one word, are like nothing else', () => {
    expect(kept(['dog', 'cat', 'dog'])).toEqual(['dog', 'cat'])
    expect(new NearCaptions(LEAST_LIKENESS).isLikeEarlier([])).toBe(false)
  })

  it('are told alike after the tables were kept and taken up again', () => {
    const captions = variants(50, 1)
    const whole = new NearCaptions(0.8)
    for (const caption of captions) whole.look(words(caption))
    const first = captions.slice(0, 51).map((caption) => whole.isLikeEarlier(words(caption)))
    const resumed = new NearCaptions(0.8)
    resumed.restore(structuredClone(whole.save()))
    const rest = captions.slice(51)
    expect(rest.map((caption) => resumed.isLikeEarlier(words(caption)))).toEqual(
      rest.map((caption) => whole.isLikeEarlier(words(caption))),
    )
    expect(first.filter(Boolean).length).toBeGreaterThan(20)
  })
})

describe('the sketch of what comes twice', () => {
  it('knows all that does, and takes hardly anything else for it', () => {
    const sketch = new TwiceSketch()
    for (let thing = 0; thing < 100_000; thing++) sketch.add(hashText(`once ${thing}`))
    for (let time = 0; time < 2; time++)
      for (let thing = 0; thing < 1_000; thing++) sketch.add(hashText(`twice ${thing}`))
    const twice = Array.from({ length: 1_000 }, (_, thing) => sketch.mayBeTwice(hashText(`twice ${thing}`)))
    expect(twice.every(Boolean)).toBe(true)
    // 300,000 of 134 million counters are in use: three of them by chance is less than one in ten million.
    const once = Array.from({ length: 100_000 }, (_, thing) => sketch.mayBeTwice(hashText(`once ${thing}`)))
    expect(once.filter(Boolean)).toEqual([])
  })
})

describe('the likeness of two sets', () => {
  it('is what both have, of what either has', () => {
    const likeness = (a: number[], b: number[]) => likenessOf(Uint32Array.from(a), Uint32Array.from(b))
    expect(likeness([1, 2, 3], [2, 3, 4])).toBe(0.5)
    expect(likeness([1], [1])).toBe(1)
    expect(likeness([1, 5], [2, 3])).toBe(0)
    expect(likeness([4_294_967_295], [1, 4_294_967_295])).toBe(0.5)
  })
})

describe('clips', () => {
  const digitsOf = (clip: number, flips = 0) => {
    const bits = Array.from({ length: 2048 }, (_, bit) => (drawnFrom(clip, bit, 0) < 0.5 ? 1 : 0))
    for (let flip = 0; flip < flips; flip++) bits[Math.floor(drawnFrom(clip, flip, 1) * bits.length)]! ^= 1
    return Array.from({ length: 512 }, (_, digit) =>
      Number.parseInt(bits.slice(digit * 4, digit * 4 + 4).join(''), 2).toString(16),
    ).join('')
  }
  const look = (clip: number, flips = 0): ClipLook => ({ digits: digitsOf(clip, flips), durationSeconds: 2.125 })

  const differingBits = (a: string, b: string) =>
    [...a].reduce((sum, digit, at) => {
      const difference = Number.parseInt(digit, 16) ^ Number.parseInt(b[at]!, 16)
      return sum + difference.toString(2).replaceAll('0', '').length
    }, 0)

  it('that look the same but for what a coder changes are found, and others are not', () => {
    const durations = new Set<number>()
    const near = new NearClips({
      looksAlike: (a, b) => {
        durations.add(b.durationSeconds)
        return differingBits(a.digits, b.digits) <= 72
      },
    })
    for (let clip = 0; clip < 200; clip++) expect(near.isLikeEarlier(look(clip))).toBe(false)
    // At most 9 of 256 bits in each frame.
    const found = Array.from({ length: 200 }, (_, clip) => near.isLikeEarlier(look(clip, 72))).filter(Boolean).length
    expect(found).toBeGreaterThan(190)
    expect([...durations]).toEqual([2.125])
  })

  it('keep their looks to the last digit, also of pictures that have other digits than clips', () => {
    const compared: string[] = []
    const near = new NearClips({ looksAlike: (_, { digits }) => compared.push(digits) === 0 })
    const looks = ['0', '00f', digitsOf(1), '0123456789abcdef0', digitsOf(2)]
    for (const digits of looks) near.isLikeEarlier({ digits, durationSeconds: 0 })
    const resumed = new NearClips({ looksAlike: (_, { digits }) => compared.push(digits) === 0 })
    resumed.restore(structuredClone(near.save()))
    for (const digits of looks) resumed.isLikeEarlier({ digits, durationSeconds: 0 })
    expect(new Set(compared)).toEqual(new Set(looks))
  })
})
