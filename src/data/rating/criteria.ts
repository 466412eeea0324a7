// What people rate.

/** One question about an item. */
export interface Criterion {
  readonly name: string
  readonly question: string
  readonly scale: 'ordinal' | 'nominal'
  /** Values with their words, in order. */
  readonly values: readonly (readonly [value: number | string, words: string])[]
}

const FROM_1_TO_5 = [
  [1, '1 not at all'],
  [2, '2'],
  [3, '3'],
  [4, '4'],
  [5, '5 fully'],
] as const

/** Asked about every item. */
export const SCALES: readonly Criterion[] = [
  { name: 'fits', question: 'Is what it says true of the clip?', scale: 'ordinal', values: FROM_1_TO_5 },
  { name: 'complete', question: 'Does it say what matters in the clip?', scale: 'ordinal', values: FROM_1_TO_5 },
  { name: 'clear', question: 'Is it well written?', scale: 'ordinal', values: FROM_1_TO_5 },
]

/** Asked where items are of both origins. */
export const WRITER: Criterion = {
  name: 'writer',
  question: 'Who wrote it?',
  scale: 'nominal',
  values: [
    ['person', 'a person'],
    ['machine', 'a machine'],
    ['unsure', 'I cannot tell'],
  ],
}

/** Every criterion that there may be. */
export const CRITERIA: readonly Criterion[] = [...SCALES, WRITER]
