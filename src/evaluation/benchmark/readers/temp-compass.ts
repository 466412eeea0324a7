// TempCompass (Liu and others 2024): what happens in clips that differ in time alone, asked in four ways. A file for each way,
// `{clip: {aspect: [{question, answer}]}}`; the options stand in the question's own lines.
import { basename } from 'node:path'
import { z } from 'zod'
import type { BenchmarkQuestion, Expected, Option, ReadBenchmark, WrongRow } from '../benchmark-question.ts'
import { benchmarkError, jsonFilesOf, readJson } from '../read-rows.ts'

const text = z.string().trim().min(1)
const fileSchema = z.record(text, z.record(text, z.array(z.unknown())))
const rowSchema = z.object({ question: text, answer: text })

const LETTERED = /^([A-Z])[.)]\s*(.+)$/
const NAMED = /^((?:Caption|Sentence|Option) [A-Z0-9]+):\s*(.+)$/
/** A line of notes to make a caption of; the last of its values is what differs. */
const NOTED = /^Information ([A-Z]):.*:\s*(['"])(.*)\2\s*\}\s*$/

/** Reads its files. @param paths one of the four, some, or their folder */
export async function readTempCompass(paths: readonly string[]): Promise<ReadBenchmark> {
  const questions: BenchmarkQuestion[] = []
  const wrong: WrongRow[] = []
  for (const file of await jsonFilesOf(paths)) {
    const parsed = fileSchema.safeParse(await readJson(file))
    if (!parsed.success) {
      throw benchmarkError(
        `${file} is no file of TempCompass: clips with aspects with questions are needed. Name files of its folder questions by --annotations.`,
      )
    }
    let place = 0
    const task = basename(file, '.json').replaceAll(/[-_]/g, ' ')
    for (const [clip, aspects] of Object.entries(parsed.data)) {
      for (const [aspect, rows] of Object.entries(aspects)) {
        for (const [index, value] of rows.entries()) {
          place += 1
          const row = rowSchema.safeParse(value)
          const expected = row.success ? expectedOf(row.data) : null
          if (!row.success || expected === null) {
            wrong.push({ file, row: place, problem: 'no question whose answer is among its options' })
            continue
          }
          const group = `${task}, ${aspect.replaceAll('_', ' ')}`
          const id = `${task}/${clip}/${aspect}/${index}`
          questions.push({ id, group, clip: { name: clip }, questions: [row.data.question], expected })
        }
      }
    }
  }
  return { questions, wrong }
}

function expectedOf({ question, answer }: z.infer<typeof rowSchema>): Expected | null {
  if (/^(yes|no)\.?$/i.test(answer)) return { kind: 'yes-no', isYes: /^yes/i.test(answer) }
  const lines = question.split('\n').map((line) => line.trim())
  const notes = optionsOf(lines, NOTED)
  const options = notes.length > 0 ? notes : [...optionsOf(lines, LETTERED), ...optionsOf(lines, NAMED)]
  const small = answer.toLowerCase()
  const right = options.findIndex(
    ({ label, text: words }) =>
      [`${label}. ${words}`, `${label}: ${words}`, `${label}) ${words}`, label, words].some(
        (form) => form.toLowerCase() === small,
      ) || small.startsWith(`${label.toLowerCase()}. `),
  )
  if (right < 0 || options.length < 2) return null
  return { kind: 'choice', options, right, ...(notes.length > 0 ? { isTold: true } : {}) }
}

function optionsOf(lines: readonly string[], form: RegExp): Option[] {
  return lines.flatMap((line) => {
    const found = form.exec(line)
    return found === null ? [] : [{ label: found[1]!, text: found.at(-1)!.trim() }]
  })
}
