// An alignment set: captions become one-round dialogues about their clips. The table is read several times and nothing of it
// is kept but some bytes a row, so that a million rows take little more memory than a thousand.
import { dataError } from '../data-error.ts'
import type { LeftOut } from '../left-out.ts'
import type { LanguageWords } from '../phrases/language-schema.ts'
import { PhraseFinder } from '../phrases/phrase-finder.ts'
import { MAX_SKETCH_COUNT } from '../phrases/rare-sketch.ts'
import { hashText } from '../phrases/text-hash.ts'
import type { DataRecord } from '../record.ts'
import { ofPrefix, withPrefix } from '../saved-arrays.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { findEndOfWalk } from './end-of-walk.ts'
import { type ExcludedCounts, ExcludedRows, type LikenessRules, type Sight } from './find-excluded.ts'
import { StateKeeper, type StatePlace, tableVersion } from './keep-state.ts'
import { LEAST_LIKENESS } from './near-captions.ts'
import { CaptionChoice, type FilterRules, PhraseCounts } from './phrase-filter.ts'
import { askAbout } from './question-pool.ts'
import { sightOf } from './see-clip.ts'
import { type ReadingsRequest, type RowWork, TableReadings } from './table-readings.ts'

/** What a set is built from and how. */
export interface AlignmentRequest extends ReadingsRequest {
  /** Folder of clips: missing ones are left out, and those that were there before. Null looks at none. */
  readonly clipsFolder: string | null
  readonly languages: ReadonlyMap<string, LanguageWords>
  /** Of rows that name none that is known. */
  readonly language: string
  readonly rules: FilterRules
  readonly likeness: LikenessRules
  /** Who looks at clips; default this process. */
  readonly sight?: Sight
  /** Ends the walk, from the rarest phrase on, at so many captions. Null goes to its end. */
  readonly target: number | null
  /** Where the run keeps how far it is. Null keeps nothing. */
  readonly state: StatePlace | null
}

/** What became of the rows. */
export interface AlignmentCounts extends ExcludedCounts {
  rows: number
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

/**
 * Builds a set, or goes on where an earlier run for the same was broken off.
 * @param write takes the records in the order of the table
 * @throws AppError DATASET_INVALID; what the signal was aborted with
 */
export async function buildAlignmentSet(
  request: AlignmentRequest,
  leftOut: LeftOut,
  write: (record: DataRecord) => Promise<void>,
): Promise<AlignmentCounts> {
  checkRequest(request)
  const { rules, target } = request
  const counts: AlignmentCounts = {
    ...{ rows: 0, notTaken: 0, behindTarget: 0, written: 0, phrases: 0, cappedPhrases: 0 },
    ...{ sameCaption: 0, nearCaption: 0, sameClip: 0, nearClip: 0, missingClip: 0, unreadableClip: 0 },
  }
  const languages = new Map(
    [...request.languages].map(([name, words]) => [name, { words, finder: new PhraseFinder(words) }]),
  )
  const languageOf = (row: ClipRow) => languages.get(row.language ?? '') ?? languages.get(request.language)!
  const phrasesOf = (row: ClipRow) =>
    languageOf(row)
      .finder.phrasesOf(row.caption)
      .map((phrase) => hashText(phrase))

  const keeper = new StateKeeper(request.state, await nameRun(request))
  const earlier = await keeper.recall()
  Object.assign(counts, earlier?.state.counts)
  const readings = new TableReadings(request, keeper, earlier?.state ?? null, () => ({
    counts: { ...counts },
    leftOut: leftOut.counts,
  }))
  const excluded = new ExcludedRows(sightFor(request), request.likeness, (row) => languageOf(row).finder, counts)
  const phrases = new PhraseCounts(rules.minCount)
  const rowArrays = () => withPrefix('rows', excluded.save())
  const arrays = () => ({ ...rowArrays(), ...withPrefix('phrases', phrases.save()) })
  if (readings.isDone('exclude')) excluded.finish()
  if (earlier !== null) {
    excluded.restore(ofPrefix('rows', earlier.arrays))
    if (readings.isDone('exclude')) phrases.restore(ofPrefix('phrases', earlier.arrays))
    // Rows that are wrong in themselves are found again until they are all known.
    const { missingClip, unreadableClip } = counts
    leftOut.addCounts(
      readings.isDone('exclude')
        ? earlier.state.leftOut
        : { 'missing-clip': missingClip, 'unreadable-clip': unreadableClip },
    )
  }

  if (excluded.needsLook)
    await readings.read(
      'look',
      eachRow((row) => excluded.look(row)),
      rowArrays,
    )
  const exclude: RowWork = async function* (rows, first) {
    for await (const index of excluded.exclude(rows, first, leftOut)) {
      counts.rows = index + 1
      yield index
    }
  }
  await readings.read('exclude', exclude, rowArrays, leftOut)
  excluded.finish()
  const ofKept = (work: (hashes: number[]) => void) =>
    eachRow((row, index) => (excluded.has(index) ? undefined : work(phrasesOf(row))))
  await readings.read(
    'rare',
    ofKept((hashes) => phrases.look(hashes)),
    arrays,
  )
  await readings.read(
    'count',
    ofKept((hashes) => phrases.count(hashes)),
    arrays,
  )
  await readings.begin('write', arrays)
  for (const count of phrases.frequencies()) {
    counts.phrases += 1
    if (count > rules.maxCount) counts.cappedPhrases += 1
  }

  /** Every row that is not excluded with its place in the walk. */
  async function* walk(): AsyncGenerator<{ row: ClipRow; place: number | null }> {
    const choice = new CaptionChoice(phrases, rules)
    let index = 0
    for await (const row of readings.again()) {
      if (!excluded.has(index)) yield { row, place: choice.place(phrasesOf(row)) }
      index += 1
    }
  }
  const isWithin = target === null ? () => true : await findEndOfWalk(target, rules.seed, placesOf(walk()))
  for await (const { row, place } of walk()) {
    if (place === null) counts.notTaken += 1
    else if (!isWithin(place)) counts.behindTarget += 1
    else {
      counts.written += 1
      await write(toRecord(row, languageOf(row), rules.seed))
    }
  }
  await keeper.remove()
  return counts
}

/** Clips that are read and decoded at once where nobody says otherwise. */
const CLIPS_AT_ONCE = 4

function sightFor({ clipsFolder, likeness, sight }: AlignmentRequest): Sight | null {
  if (clipsFolder === null) return null
  return sight ?? { see: sightOf(clipsFolder, likeness.eye), atOnce: CLIPS_AT_ONCE }
}

function checkRequest({ languages, language, rules, likeness, target }: AlignmentRequest): void {
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
  const { captionLikeness } = likeness
  if (captionLikeness < LEAST_LIKENESS || captionLikeness > 1) {
    throw dataError(`--near ${captionLikeness} does not fit; ${LEAST_LIKENESS} to 1 is allowed. Correct it.`)
  }
}

/** Everything that what is kept of a run depends on. */
async function nameRun(request: AlignmentRequest): Promise<string> {
  const { table, clipsFolder, languages, language, rules, likeness } = request
  const words = hashText(JSON.stringify([...languages]))
  const looks = { captions: likeness.captionLikeness, clips: likeness.eye !== null }
  return JSON.stringify({ table: await tableVersion(table), clipsFolder, words, language, rules, looks })
}

function eachRow(work: (row: ClipRow, index: number) => void): RowWork {
  return async function* (rows, first) {
    let index = first
    for await (const row of rows) {
      work(row, index)
      yield index
      index += 1
    }
  }
}

async function* placesOf(walk: AsyncIterable<{ place: number | null }>): AsyncGenerator<number | null> {
  for await (const { place } of walk) yield place
}

function toRecord(row: ClipRow, { words }: Language, seed: number): DataRecord {
  const { id, clip, source, caption } = row
  const { kind, question } = askAbout(clip, words, hashText(id, seed))
  const extra = row.licence === null ? {} : { licence: row.licence }
  return { id, clip: { kind, files: [clip] }, source, turns: [{ question, answer: caption }], extra }
}
