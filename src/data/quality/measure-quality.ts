// What a dataset looks like in numbers: lengths and tasks of all records, languages and phrases of a sample of them.
import { countWords } from '../count-dataset.ts'
import { languageOf } from '../instruction/check-dialogue.ts'
import type { LanguageWords } from '../phrases/language-schema.ts'
import { PhraseFinder } from '../phrases/phrase-finder.ts'
import type { DataRecord } from '../record.ts'
import { type Bar, Histogram, NameCounts } from './distributions.ts'
import { StreamSample } from './record-sample.ts'

/** How it is measured. */
export interface QualityRequest {
  readonly languages: ReadonlyMap<string, LanguageWords>
  /** Records of which languages and phrases are counted. */
  readonly sampleSize: number
  readonly seed: number
  readonly onCount?: (count: number) => void
}

/** The numbers of a dataset. */
export interface Quality {
  readonly records: number
  readonly turns: readonly Bar[]
  readonly questionWords: readonly Bar[]
  readonly answerWords: readonly Bar[]
  readonly meanAnswerWords: number
  readonly kinds: readonly Bar[]
  readonly tasks: readonly Bar[]
  readonly sources: readonly Bar[]
  /** From here on of the sample. */
  readonly sampled: number
  readonly languages: readonly Bar[]
  readonly phrases: readonly Bar[]
  /** How many phrases stand in so many records. */
  readonly phraseRecords: readonly Bar[]
  /** Records whose words another one of the sample has, too. */
  readonly sameWords: number
  /** Lengths that records state by their key `duration`, of all; empty where none does. */
  readonly statedDurations: readonly Bar[]
  /** The sample, in an order that was drawn. */
  readonly sample: readonly DataRecord[]
}

const WORD_EDGES = [0, 1, 3, 6, 11, 16, 21, 31, 41, 51, 76, 101, 151, 201, 301, 501]
const TURN_EDGES = [1, 2, 3, 4, 5, 6, 8, 11, 21]
const RECORD_EDGES = [1, 2, 3, 4, 6, 11, 21, 51, 101, 501]
/** Seconds. */
const DURATION_EDGES = [0, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1800]
const MOST_NAMES = 15
const MOST_PHRASES = 30
const TELL_EVERY = 1_000

/** A histogram of lengths of clips. */
export function durationHistogram(): Histogram {
  return new Histogram(DURATION_EDGES, ' s')
}

/** Reads records to their end. */
export async function measureQuality(
  records: AsyncIterable<DataRecord>,
  { languages, sampleSize, seed, onCount = () => {} }: QualityRequest,
): Promise<Quality> {
  const sample = new StreamSample<DataRecord>(sampleSize, seed)
  const [turns, questions, answers] = [TURN_EDGES, WORD_EDGES, WORD_EDGES].map((edges) => new Histogram(edges))
  const durations = durationHistogram()
  const [kinds, tasks, sources] = [new NameCounts(), new NameCounts(), new NameCounts()]
  for await (const record of records) {
    sample.offer(record)
    turns!.add(record.turns.length)
    for (const { question, answer } of record.turns) {
      questions!.add(countWords(withoutMark(question)))
      answers!.add(countWords(answer))
    }
    kinds.add(record.clip?.kind ?? 'words alone')
    tasks.add(nameOf(record.extra.type))
    sources.add(nameOf(record.source))
    const { duration } = record.extra
    if (typeof duration === 'number' && duration >= 0) durations.add(duration)
    if (sample.seen % TELL_EVERY === 0) onCount(sample.seen)
  }
  return {
    ...{ records: sample.seen, turns: turns!.bars(), questionWords: questions!.bars(), answerWords: answers!.bars() },
    ...{ meanAnswerWords: answers!.mean, statedDurations: durations.bars() },
    ...{ kinds: kinds.bars(MOST_NAMES), tasks: tasks.bars(MOST_NAMES), sources: sources.bars(MOST_NAMES) },
    ...measureSample(sample.items(), languages),
  }
}

function measureSample(sample: readonly DataRecord[], languages: ReadonlyMap<string, LanguageWords>) {
  const finders = new Map([...languages].map(([name, words]) => [name, new PhraseFinder(words)]))
  const usual = finders.get('en') ?? [...finders.values()][0]
  const names = new NameCounts()
  const phrases = new Map<string, number>()
  const words = new Map<string, number>()
  for (const { turns } of sample) {
    const answers = turns.map(({ answer }) => answer).join('\n')
    const language = languageOf(
      `${turns.map(({ question }) => withoutMark(question)).join('\n')}\n${answers}`,
      languages,
    )
    names.add(language)
    const finder = finders.get(language) ?? usual
    for (const phrase of finder?.phrasesOf(answers) ?? []) phrases.set(phrase, (phrases.get(phrase) ?? 0) + 1)
    const content = finder?.contentOf(answers) ?? answers
    words.set(content, (words.get(content) ?? 0) + 1)
  }
  const spread = new Histogram(RECORD_EDGES)
  for (const count of phrases.values()) spread.add(count)
  const frequent = [...phrases].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, MOST_PHRASES)
  return {
    ...{ sampled: sample.length, sample, languages: names.bars(MOST_NAMES), phraseRecords: spread.bars() },
    phrases: frequent.map(([name, count]) => ({ name, count })),
    sameWords: [...words.values()].reduce((sum, count) => sum + (count > 1 ? count : 0), 0),
  }
}

/** The words of a question without the mark of its clip. */
export function withoutMark(question: string): string {
  return question.replace(/\s*<(?:video|image)>\s*/g, ' ').trim()
}

function nameOf(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : 'not named'
}
