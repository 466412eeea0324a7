// What a dataset holds, in numbers.
import type { DataRecord } from './record.ts'

/** Counts of a dataset. */
export interface DatasetCounts {
  readonly records: number
  readonly videos: number
  readonly images: number
  /** Records without a clip. */
  readonly words: number
  readonly turns: number
  readonly meanAnswerWords: number
  /** Records of each source that is named, most frequent first. */
  readonly sources: Readonly<Record<string, number>>
  /** Records of each task, where their key `type` names one. */
  readonly tasks: Readonly<Record<string, number>>
  /** Records whose clip is under each licence, where their key `licence` names one. */
  readonly licences: Readonly<Record<string, number>>
}

const TELL_EVERY = 1_000
/** Languages without blanks between words are cut by the rules of Unicode. */
const WORDS = new Intl.Segmenter(undefined, { granularity: 'word' })
const HAS_NO_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** Reads records to their end. @param onCount told now and then how many were read */
export async function countDataset(
  records: AsyncIterable<DataRecord>,
  onCount: (count: number) => void = () => {},
): Promise<DatasetCounts> {
  const counts = { records: 0, videos: 0, images: 0, words: 0, turns: 0 }
  const named = {
    sources: new Map<string, number>(),
    tasks: new Map<string, number>(),
    licences: new Map<string, number>(),
  }
  let answerWords = 0
  for await (const { clip, source, turns, extra } of records) {
    counts.records += 1
    counts[clip === null ? 'words' : clip.kind === 'video' ? 'videos' : 'images'] += 1
    counts.turns += turns.length
    for (const { answer } of turns) answerWords += countWords(answer)
    countName(named.sources, source)
    countName(named.tasks, extra.type)
    countName(named.licences, extra.licence ?? extra.license)
    if (counts.records % TELL_EVERY === 0) onCount(counts.records)
  }
  return {
    ...counts,
    meanAnswerWords: counts.turns === 0 ? 0 : answerWords / counts.turns,
    sources: byFrequency(named.sources),
    tasks: byFrequency(named.tasks),
    licences: byFrequency(named.licences),
  }
}

function countName(counts: Map<string, number>, name: unknown): void {
  if (typeof name === 'string') counts.set(name, (counts.get(name) ?? 0) + 1)
}

function byFrequency(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}

/** How many words a text has, in any language. */
export function countWords(text: string): number {
  if (!HAS_NO_BLANKS.test(text)) return text.trim() === '' ? 0 : text.trim().split(/\s+/).length
  return [...WORDS.segment(text)].filter(({ isWordLike }) => isWordLike).length
}
