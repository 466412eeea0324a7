import { describe, expect, it } from 'vitest'
import { CaptionChoice, PhraseCounts } from '../../../../src/data/alignment/phrase-filter.ts'
import { drawnFrom, hashText } from '../../../../src/data/phrases/text-hash.ts'

/** Captions as lists of phrases: few phrases are frequent and many rare, as in language. */
function makeCaptions(seed: number, count: number, vocabulary: number): string[][] {
  return Array.from({ length: count }, (_, caption) => {
    const length = Math.floor(drawnFrom(seed, caption, 0) * 5)
    const phrases = Array.from(
      { length },
      (_, place) => `p${Math.floor(vocabulary ** drawnFrom(seed, caption, place + 1))}`,
    )
    return [...new Set(phrases)]
  })
}

function filter(captions: readonly string[][], rules: { minCount: number; maxCount: number; seed: number }) {
  const hashed = captions.map((phrases) => phrases.map((phrase) => hashText(phrase)))
  const counts = new PhraseCounts(rules.minCount)
  for (const phrases of hashed) counts.look(phrases)
  for (const phrases of hashed) counts.count(phrases)
  const choice = new CaptionChoice(counts, rules)
  return { counts, places: hashed.map((phrases) => choice.place(phrases)) }
}

/** The plain way: how many captions hold each phrase. */
function countPlainly(captions: readonly string[][]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const phrase of captions.flat()) counts.set(phrase, (counts.get(phrase) ?? 0) + 1)
  return counts
}

const CASES = [1, 2, 3, 4, 5, 6].map((seed) => ({
  seed,
  captions: makeCaptions(seed, 400 * seed, 50 * 2 ** seed),
  rules: { minCount: seed % 3 === 0 ? 1 : 3, maxCount: 5 * seed, seed },
}))

describe.each(CASES)('the published filter, set $seed', ({ captions, rules }) => {
  const { counts, places } = filter(captions, rules)
  const plain = countPlainly(captions)
  const holding = (phrase: string) => captions.flatMap((phrases, index) => (phrases.includes(phrase) ? [index] : []))
  const kept = [...plain].filter(([, count]) => count >= rules.minCount)

  it('counts every phrase that is not rare exactly, and drops the others', () => {
    for (const [phrase, count] of plain) expect(counts.of(hashText(phrase))).toBe(count >= rules.minCount ? count : 0)
    expect([...counts.frequencies()].toSorted()).toEqual(kept.map(([, count]) => count).toSorted())
  })

  it('takes all captions with a phrase that is neither rare nor frequent', () => {
    for (const [phrase, count] of kept) {
      if (count <= rules.maxCount) for (const index of holding(phrase)) expect(places[index]).not.toBeNull()
    }
  })

  it('takes no caption whose phrases are all rare, and none without phrases', () => {
    for (const [index, phrases] of captions.entries()) {
      if (phrases.every((phrase) => plain.get(phrase)! < rules.minCount)) expect(places[index]).toBeNull()
    }
  })

  it('takes of captions whose phrases are all frequent at most so many as these phrases may draw', () => {
    const frequent = new Set(kept.flatMap(([phrase, count]) => (count > rules.maxCount ? [phrase] : [])))
    for (const phrase of frequent) {
      const alone = holding(phrase).filter((index) =>
        captions[index]!.every((other) => other === phrase || plain.get(other)! < rules.minCount),
      )
      expect(alone.filter((index) => places[index] !== null).length).toBeLessThanOrEqual(rules.maxCount)
      // Drawn ones and those that other phrases take together are never fewer than the draw.
      expect(holding(phrase).filter((index) => places[index] !== null).length).toBeGreaterThanOrEqual(rules.maxCount)
    }
  })

  it('places a caption at a phrase of its own, the rarest where that is not frequent', () => {
    for (const [index, phrases] of captions.entries()) {
      const frequencies = phrases.map((phrase) => plain.get(phrase)!).filter((count) => count >= rules.minCount)
      const place = places[index]
      if (place === null || place === undefined) continue
      expect(frequencies).toContain(place)
      const rarest = Math.min(...frequencies)
      if (rarest <= rules.maxCount) expect(place).toBe(rarest)
    }
  })

  it('gives the same again, and other draws for another seed', () => {
    expect(filter(captions, rules).places).toEqual(places)
    const other = filter(captions, { ...rules, seed: rules.seed + 100 })
    if (kept.some(([, count]) => count > 2 * rules.maxCount)) expect(other.places).not.toEqual(places)
  })
})

describe('a frequent phrase', () => {
  it('draws exactly as many captions as it may, each with the same chance', () => {
    const [captions, maxCount, rounds] = [Array.from({ length: 40 }, () => ['dog']), 10, 2_000]
    const times = captions.map(() => 0)
    for (let seed = 0; seed < rounds; seed++) {
      const { places } = filter(captions, { minCount: 3, maxCount, seed })
      expect(places.filter((place) => place !== null)).toHaveLength(maxCount)
      for (const [index, place] of places.entries()) if (place !== null) times[index]! += 1
    }
    // Binomial with 2000 draws at 1/4: five standard deviations are 97.
    for (const count of times) expect(Math.abs(count - rounds / 4)).toBeLessThan(97)
  })
})
