// An alignment set: captions become one-round dialogues about their clips. The table is read several times and nothing of it
// is kept but some 20 bytes a row, so that a million rows take no more memory than a thousand.
import { join } from 'node:path'
import { dataError } from '../data-error.ts'
import { contentHash } from '../file-content.ts'
import { LeftOut, problemAt } from '../left-out.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import type { LanguageWords } from '../phrases/language-schema.ts'
import { PhraseFinder } from '../phrases/phrase-finder.ts'
import { MAX_SKETCH_COUNT } from '../phrases/rare-sketch.ts'
import { drawnFrom, hashText } from '../phrases/text-hash.ts'
import type { DataRecord } from '../record.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { readClipTable } from '../tables/open-table.ts'
import { GrowingBits } from './growing-bits.ts'
import { CaptionChoice, type FilterRules, PhraseCounts } from './phrase-filter.ts'
import { askAbout } from './question-pool.ts'

/** What a set is built from and how. */
export interface AlignmentRequest {
  readonly table: string
  /** Folder of clips: missing ones are left out, and those whose bytes were seen before. Null looks at none. */
  readonly clipsFolder: string | null
  readonly languages: ReadonlyMap<string, LanguageWords>
  /** Of rows that name none that is known. */
  readonly language: string
  readonly rules: FilterRules
  /** Ends the walk, from the rarest phrase on, at so many captions. Null goes to its end. */
  readonly target: number | null
  readonly onProgress?: (pass: number, rows: number) => void
  readonly signal?: AbortSignal
}

/** What became of the rows. */
export interface AlignmentCounts {
  rows: number
  sameCaption: number
  sameClip: number
  /** No phrase took them: all too rare, or not drawn. */
  notTaken: number
  /** Behind the place in the walk where the target was reached. */
  behindTarget: number
  written: number
  /** Phrases that are not too rare, and those of them of which captions were drawn. */
  phrases: number
  cappedPhrases: number
}

interface Language {
  readonly words: LanguageWords
  readonly finder: PhraseFinder
}

const TELL_EVERY = 5_000

/**
 * Builds a set.
 * @param write takes the records in the order of the table
 * @throws AppError DATASET_INVALID; what the signal was aborted with
 */
export async function buildAlignmentSet(
  request: AlignmentRequest,
  leftOut: LeftOut,
  write: (record: DataRecord) => Promise<void>,
): Promise<AlignmentCounts> {
  checkRequest(request)
  const { table, rules, target } = request
  const counts: AlignmentCounts = {
    ...{ rows: 0, sameCaption: 0, sameClip: 0, notTaken: 0, behindTarget: 0, written: 0, phrases: 0, cappedPhrases: 0 },
  }
  const languages = new Map(
    [...request.languages].map(([name, words]) => [name, { words, finder: new PhraseFinder(words) }]),
  )
  const languageOf = (row: ClipRow) => languages.get(row.language ?? '') ?? languages.get(request.language)!
  const phrasesOf = (row: ClipRow) =>
    languageOf(row)
      .finder.phrasesOf(row.caption)
      .map((phrase) => hashText(phrase))

  const excluded = await findExcluded(request, counts, leftOut, languageOf)
  /** The rows that are not excluded; wrong ones were told when they were read first. */
  async function* rows(pass: number): AsyncGenerator<ClipRow> {
    let index = 0
    for await (const row of readClipTable(table, new LeftOut())) {
      if (!excluded.has(index)) yield row
      index += 1
      tell(request, pass, index)
    }
  }

  const phrases = new PhraseCounts(rules.minCount)
  for await (const row of rows(2)) phrases.look(phrasesOf(row))
  for await (const row of rows(3)) phrases.count(phrasesOf(row))
  for (const count of phrases.frequencies()) {
    counts.phrases += 1
    if (count > rules.maxCount) counts.cappedPhrases += 1
  }
  const isWithin = target === null ? () => true : await findEndOfWalk(target, rules, rows(4), phrases, phrasesOf)
  const choice = new CaptionChoice(phrases, rules)
  for await (const row of rows(target === null ? 4 : 5)) {
    const place = choice.place(phrasesOf(row))
    if (place === null) counts.notTaken += 1
    else if (!isWithin(place)) counts.behindTarget += 1
    else {
      counts.written += 1
      await write(toRecord(row, languageOf(row), rules.seed))
    }
  }
  return counts
}

function checkRequest({ languages, language, rules, target }: AlignmentRequest): void {
  if (!languages.has(language)) {
    throw dataError(
      `The language ${language} is not known; ${[...languages.keys()].join(', ')} are. Name one by --language.`,
    )
  }
  const { minCount, maxCount } = rules
  if (minCount < 1 || minCount > MAX_SKETCH_COUNT || maxCount < minCount || target === 0) {
    const seen = `--min ${minCount}, --max ${maxCount}, --target ${target ?? 'none'}`
    throw dataError(
      `${seen} do not fit; --min from 1 to ${MAX_SKETCH_COUNT}, --max no less, --target from 1 are allowed. Correct them.`,
    )
  }
}

/** First pass: rows whose caption or clip was there before, or whose clip is not there. */
async function findExcluded(
  request: AlignmentRequest,
  counts: AlignmentCounts,
  leftOut: LeftOut,
  languageOf: (row: ClipRow) => Language,
): Promise<GrowingBits> {
  const { table, clipsFolder } = request
  const excluded = new GrowingBits()
  const captions = new HashCounts()
  const clips = new HashCounts()
  for await (const row of readClipTable(table, leftOut)) {
    const index = counts.rows
    counts.rows += 1
    tell(request, 1, counts.rows)
    const content = clipsFolder === null ? undefined : await contentHash(join(clipsFolder, row.clip))
    if (content === null) {
      leftOut.add(problemAt(row.file, row.row, 'missing-clip', row.clip))
      excluded.set(index)
    } else if (content !== undefined && clips.add(hashText(content)) > 0) {
      counts.sameClip += 1
      excluded.set(index)
    } else if (captions.add(hashText(languageOf(row).finder.contentOf(row.caption))) > 0) {
      counts.sameCaption += 1
      excluded.set(index)
    }
  }
  return excluded
}

/** Walks once without taking: where in the walk the target is reached, and which of those at that place are still taken. */
async function findEndOfWalk(
  target: number,
  rules: FilterRules,
  rows: AsyncIterable<ClipRow>,
  phrases: PhraseCounts,
  phrasesOf: (row: ClipRow) => number[],
): Promise<(place: number) => boolean> {
  const choice = new CaptionChoice(phrases, rules)
  const atPlace = new Map<number, number>()
  for await (const row of rows) {
    const place = choice.place(phrasesOf(row))
    if (place !== null) atPlace.set(place, (atPlace.get(place) ?? 0) + 1)
  }
  let left = target
  for (const [place, count] of [...atPlace].sort(([a], [b]) => a - b)) {
    if (count >= left) {
      let passed = 0
      let taken = 0
      return (of) => {
        if (of !== place) return of < place
        const isTaken = drawnFrom(rules.seed, place, ++passed) * (count - passed + 1) < left - taken
        if (isTaken) taken += 1
        return isTaken
      }
    }
    left -= count
  }
  return () => true
}

function toRecord(row: ClipRow, { words }: Language, seed: number): DataRecord {
  const { id, clip, source, caption } = row
  const { kind, question } = askAbout(clip, words, hashText(id, seed))
  const extra = row.licence === null ? {} : { licence: row.licence }
  return { id, clip: { kind, files: [clip] }, source, turns: [{ question, answer: caption }], extra }
}

function tell({ onProgress, signal }: AlignmentRequest, pass: number, rows: number): void {
  if (rows % TELL_EVERY !== 0) return
  signal?.throwIfAborted()
  onProgress?.(pass, rows)
}
