// An instruction set: what is known of each clip goes to a language model, which writes a dialogue; what does not pass the
// checks is kept apart with the reason.
import type { RememberingModel } from '../../language-model/ask-model.ts'
import { LeftOut } from '../left-out.ts'
import { HashCounts } from '../phrases/hash-counts.ts'
import type { LanguageWords } from '../phrases/language-schema.ts'
import { PhraseFinder } from '../phrases/phrase-finder.ts'
import { hashText } from '../phrases/text-hash.ts'
import { readAhead } from '../read-ahead.ts'
import { type DataRecord, MARKS, type RecordTurn } from '../record.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { readClipTable } from '../tables/open-table.ts'
import { type Checked, checkDialogue, DIALOGUE_FORM, type Rejection } from './check-dialogue.ts'
import { chooseTask } from './choose-task.ts'
import type { Recipe, TaskName } from './recipe.ts'
import { sourceText } from './source-text.ts'
import { type Assigned, topUp } from './top-up.ts'

/** What a set is built from and how. */
export interface InstructionRequest {
  readonly table: string
  readonly recipe: Recipe
  readonly languages: ReadonlyMap<string, LanguageWords>
  /** Of rows that name none that is known. */
  readonly language: string
  readonly seed: number
  /** Questions under way at once. */
  readonly concurrency: number
  /** Rows to take; null takes all. */
  readonly limit: number | null
  /** Asks for a dialogue about another clip in the place of each that was rejected. */
  readonly topUp: boolean
  readonly signal?: AbortSignal
}

/** A dialogue that was rejected. */
export interface Rejected {
  readonly file: string
  readonly row: number
  readonly id: string
  readonly task: TaskName
  readonly rejection: Rejection
  readonly seen: string
}

/** What became of the rows. */
export interface InstructionCounts {
  rows: number
  /** Rows that no task can be made of. */
  withoutTask: number
  readonly written: Partial<Record<TaskName, number>>
  readonly rejected: Partial<Record<Rejection, number>>
  /** Of those written, how many make up for rejected ones. */
  madeUp: number
}

/** Where records and rejected ones go. */
export interface InstructionOutput {
  write(record: DataRecord): Promise<void>
  reject(rejected: Rejected): Promise<void>
  onProgress?(counts: InstructionCounts): void
}

/** A second answer often mends what a first has wrong; a third hardly ever does. */
const ANSWERS_PER_CLIP = 2
const IMAGE_ENDINGS = /\.(jpe?g|png|webp)$/i

/**
 * Builds a set. Records come in the order of the table, however many questions are under way.
 * @throws AppError GENERATOR_REFUSED, GENERATOR_UNREACHABLE, DATASET_INVALID; what the signal was aborted with
 */
export async function buildInstructionSet(
  request: InstructionRequest,
  model: Pick<RememberingModel, 'ask'>,
  leftOut: LeftOut,
  output: InstructionOutput,
): Promise<InstructionCounts> {
  const counts: InstructionCounts = { rows: 0, withoutTask: 0, written: {}, rejected: {}, madeUp: 0 }
  const rejectedTasks = new Map<TaskName, number>()
  const seen = new HashCounts()
  const finders = new Map([...request.languages].map(([name, words]) => [name, new PhraseFinder(words)]))

  async function take({ row, task, language, checked }: Drafted): Promise<void> {
    let result = checked
    if ('turns' in result) {
      const words = result.turns.map(({ question, answer }) => `${question} ${answer}`).join(' ')
      // Of the same clip the same words, too: a table may hold a clip twice.
      if (seen.add(hashText(finders.get(language)!.contentOf(words))) > 0)
        result = { rejection: 'duplicate', seen: words }
    }
    if ('turns' in result) {
      counts.written[task] = (counts.written[task] ?? 0) + 1
      await output.write(toRecord(row, task, result.turns))
    } else {
      const { rejection } = result
      counts.rejected[rejection] = (counts.rejected[rejection] ?? 0) + 1
      rejectedTasks.set(task, (rejectedTasks.get(task) ?? 0) + 1)
      await output.reject({ file: row.file, row: row.row, id: row.id, task, ...result })
    }
    output.onProgress?.(counts)
  }

  async function ask(assigned: AsyncIterable<Assigned> | Iterable<Assigned>): Promise<void> {
    const drafting = readAhead(assigned, request.concurrency, (one) => draft(one, request, model))
    for await (const drafted of drafting) await take(drafted)
  }

  /** Each row with the task that it draws. */
  async function* assigned(): AsyncGenerator<Assigned> {
    for await (const row of rowsOf(request, leftOut)) {
      counts.rows += 1
      const task = chooseTask(row, request.recipe, request.seed)
      if (task === null) counts.withoutTask += 1
      else yield { row, task }
    }
  }

  await ask(assigned())
  if (request.topUp) {
    const lost = new Map(rejectedTasks)
    const before = { ...counts.written }
    // Wrong rows were told when the table was read first.
    await topUp(rowsOf(request, new LeftOut()), request, {
      missing: (task) => (lost.get(task) ?? 0) - ((counts.written[task] ?? 0) - (before[task] ?? 0)),
      ask,
    })
    counts.madeUp = sumOf(counts.written) - sumOf(before)
  }
  return counts
}

async function* rowsOf({ table, limit, signal }: InstructionRequest, leftOut: LeftOut): AsyncGenerator<ClipRow> {
  let rows = 0
  for await (const row of readClipTable(table, leftOut)) {
    signal?.throwIfAborted()
    if (limit !== null && rows >= limit) return
    rows += 1
    yield row
  }
}

function sumOf(counts: Readonly<Partial<Record<TaskName, number>>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

interface Drafted {
  readonly row: ClipRow
  readonly task: TaskName
  readonly language: string
  readonly checked: Checked
}

async function draft(
  { row, task: name }: Assigned,
  { recipe, languages, language: usual }: InstructionRequest,
  model: Pick<RememberingModel, 'ask'>,
): Promise<Drafted> {
  const language = row.language !== null && languages.has(row.language) ? row.language : usual
  const task = recipe.tasks[name]!
  const source = sourceText(row)
  const system = `${task.prompt.trim()}\n\n${recipe.rules.trim()}\n\nLanguage of questions and answers: ${languageName(language)}.`
  const expected = {
    ...{ task, language, languages, source: [row.caption, ...row.sentences.map(({ text }) => text)].join('\n') },
    ...{ caption: row.caption, giveaways: recipe.giveaways[language] ?? [] },
  }
  let checked: Checked = { rejection: 'empty', seen: '' }
  for (let attempt = 0; attempt < ANSWERS_PER_CLIP; attempt++) {
    checked = checkDialogue(await model.ask({ system, user: source, form: DIALOGUE_FORM }, attempt), expected)
    if ('turns' in checked) break
  }
  return { row, task: name, language, checked }
}

function languageName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code
}

function toRecord({ id, clip, source, licence }: ClipRow, task: TaskName, turns: readonly RecordTurn[]): DataRecord {
  const kind = IMAGE_ENDINGS.test(clip) ? 'image' : 'video'
  const [first, ...rest] = turns
  const marked = { ...first!, question: `${first!.question}\n${MARKS[kind]}` }
  const extra = { type: task, ...(licence === null ? {} : { licence }) }
  return { id: `${id}-${task}`, clip: { kind, files: [clip] }, source, turns: [marked, ...rest], extra }
}
