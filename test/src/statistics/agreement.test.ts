import { describe, expect, it } from 'vitest'
import {
  cohenKappa,
  fleissKappa,
  krippendorffAlpha,
  observedAgreement,
  type RatedThing,
} from '../../../src/statistics/agreement.ts'

/** A row a rater, a sign a thing, `.` for none, becomes a row a thing. */
function byThing(...raters: readonly string[]): RatedThing[] {
  const rows = raters.map((row) =>
    row.split(' ').map((sign) => (sign === '.' ? null : /^\d$/.test(sign) ? Number(sign) : sign)),
  )
  return rows[0]!.map((_, thing) => rows.map((row) => row[thing]!))
}

/** So many things that were rated so. */
const times = (count: number, thing: RatedThing) => Array.from({ length: count }, () => thing)

// K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), sections A, B and C with their results.
const TWO_OBSERVERS_BINARY = byThing('0 1 0 0 0 0 0 0 1 0', '1 1 1 0 0 1 0 0 0 0')
const TWO_OBSERVERS_NOMINAL = byThing('a a b b d c c c e d d a', 'b a b b b c c c e d d d')
const FOUR_OBSERVERS_WITH_GAPS = byThing(
  '1 2 3 3 2 1 4 1 2 . . .',
  '1 2 3 3 2 2 4 1 2 5 . 3',
  '. 3 3 3 2 3 4 2 2 5 1 .',
  '1 2 3 3 2 4 4 1 2 5 1 .',
)

describe("Krippendorff's alpha", () => {
  it.each([
    ['two observers and two values', TWO_OBSERVERS_BINARY, 'nominal', 0.095],
    ['two observers and five values', TWO_OBSERVERS_NOMINAL, 'nominal', 0.692],
    ['four observers with gaps', FOUR_OBSERVERS_WITH_GAPS, 'nominal', 0.743],
    ['four observers with gaps, in an order', FOUR_OBSERVERS_WITH_GAPS, 'ordinal', 0.815],
  ] as const)('is that of the published example of %s', (_, things, scale, expected) => {
    expect(krippendorffAlpha(things, scale)).toBeCloseTo(expected, 3)
  })

  it('is 1 where all agree, and has no value where nothing could differ or be compared', () => {
    expect(krippendorffAlpha(byThing('1 2 3', '1 2 3'), 'ordinal')).toBe(1)
    expect(krippendorffAlpha(byThing('1 1 1', '1 1 1'), 'nominal')).toBeNull()
    expect(krippendorffAlpha(byThing('1 . 2', '. 1 .'), 'nominal')).toBeNull()
  })
})

describe("Cohen's kappa", () => {
  it.each([
    // 50 applications that two readers accept or reject, as the usual introduction has them: 0.7 seen, 0.5 by chance.
    ['as much as half', [20, 5, 10, 15], 0.4],
    // Two tables of 100 with the same agreement, 0.6, and by their margins 0.54 and 0.46 of it by chance.
    ['less where both mostly say yes', [45, 15, 25, 15], 0.1304],
    ['more where they lean apart', [25, 35, 5, 35], 0.2593],
  ])('is %s beyond chance', (_, [bothYes, yesNo, noYes, bothNo], expected) => {
    const things = [
      ...times(bothYes!, ['yes', 'yes']),
      ...times(yesNo!, ['yes', 'no']),
      ...times(noYes!, ['no', 'yes']),
      ...times(bothNo!, ['no', 'no']),
    ]
    expect(cohenKappa(things)).toBeCloseTo(expected, 4)
  })

  it('leaves out what only one rated, and has no value where both always say the same', () => {
    expect(cohenKappa(byThing('1 2 1', '1 2 .'))).toBe(1)
    expect(cohenKappa(byThing('1 1', '1 1'))).toBeNull()
    expect(cohenKappa([])).toBeNull()
  })
})

describe("Fleiss' kappa", () => {
  it('is 0.210 for the example of ten things that fourteen raters put into five groups', () => {
    const counts = [
      [0, 0, 0, 0, 14],
      [0, 2, 6, 4, 2],
      [0, 0, 3, 5, 6],
      [0, 3, 9, 2, 0],
      [2, 2, 8, 1, 1],
      [7, 7, 0, 0, 0],
      [3, 2, 6, 3, 0],
      [2, 5, 3, 2, 2],
      [6, 5, 2, 1, 0],
      [0, 2, 2, 3, 7],
    ]
    const things = counts.map((row) => row.flatMap((count, group) => times(count, [group]).flat()))
    expect(fleissKappa(things)).toBeCloseTo(0.21, 3)
    expect(observedAgreement(things)).toBeCloseTo(0.378, 3)
  })

  it('has no value for one rater alone', () => {
    expect(fleissKappa(byThing('1 2 3'))).toBeNull()
    expect(observedAgreement(byThing('1 2 3'))).toBeNull()
  })
})
