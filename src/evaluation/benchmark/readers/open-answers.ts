// MSVD-QA, MSRVTT-QA and ActivityNet-QA: questions with an answer of a word or a few. They are published in two forms: rows
// with question and answer (Xu and others 2017), and two files, questions and answers, joined by question_id (Yu and others
// 2019), in which evaluations of video models also pass on the first two sets.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { BenchmarkQuestion, ReadBenchmark, WrongRow } from '../benchmark-question.ts'
import { benchmarkError, fitting, jsonFilesOf, readList, readText } from '../read-rows.ts'

const text = z.string().trim().min(1)
const id = z.union([text, z.int()]).transform(String)
const rowSchema = z.object({ question: text, answer: text, video_id: id, id: id.optional() })
const questionSchema = z.object({ question: text, question_id: id, video_name: text })
const answerSchema = z.object({ answer: text, question_id: id, type: z.union([z.int(), text]).optional() })

/** Numbers of ActivityNet-QA's file. */
const ACTIVITYNET_TYPES = [
  'motion',
  'spatial relation',
  'temporal relation',
  'yes or no',
  'colour',
  'object',
  'location',
  'number',
  'other',
]
const QUESTION_WORDS = ['what', 'who', 'how', 'when', 'where']
/** Lists the old and the new name of each clip of MSVD, a line each. */
const MSVD_NAMES = 'youtube_mapping.txt'

/** Reads MSVD-QA. @param paths its file, or both; a file that ends in .txt tells the clips' other names */
export async function readMsvdQa(paths: readonly string[]): Promise<ReadBenchmark> {
  const listed = paths.find((path) => path.endsWith('.txt'))
  const beside = paths.map((path) => join(dirname(path), MSVD_NAMES)).find(existsSync)
  const names = new Map<string, string>()
  const namesFile = listed ?? beside
  if (namesFile !== undefined) {
    for (const line of (await readText(namesFile)).split('\n')) {
      const [published, numbered] = line.trim().split(/\s+/)
      if (published !== undefined && numbered !== undefined) names.set(numbered, published)
    }
  }
  return readOpenAnswers(
    paths.filter((path) => path !== listed),
    (video) => {
      const name = /^\d+$/.test(video) ? `vid${video}` : video
      const published = names.get(name)
      return published === undefined ? { name } : { name, alsoNamed: [published] }
    },
  )
}

/** Reads MSRVTT-QA. */
export function readMsrvttQa(paths: readonly string[]): Promise<ReadBenchmark> {
  return readOpenAnswers(paths, (video) => ({ name: /^\d+$/.test(video) ? `video${video}` : video }))
}

/** Reads ActivityNet-QA. @param paths the file of questions; that of answers too, where it is not beside it */
export function readActivityNetQa(paths: readonly string[]): Promise<ReadBenchmark> {
  return readOpenAnswers(paths, (video) =>
    video.startsWith('v_') ? { name: video } : { name: `v_${video}`, alsoNamed: [video] },
  )
}

async function readOpenAnswers(
  paths: readonly string[],
  clipOf: (video: string) => BenchmarkQuestion['clip'],
): Promise<ReadBenchmark> {
  const [file, ...others] = await jsonFilesOf(paths)
  const rows = await readList(file!)
  const wrong: WrongRow[] = []
  if (!rows.some((row) => typeof row === 'object' && row !== null && 'question_id' in row)) {
    const questions = fitting(file!, rows, rowSchema, wrong).map(({ row, place }) =>
      questionOf(row.id ?? String(place), row.question, row.answer, clipOf(row.video_id), questionWord(row.question)),
    )
    return { questions, wrong }
  }
  const [asked, answered] = await bothFiles(file!, rows, others[0])
  const answers = new Map(
    fitting(answered.file, answered.rows, answerSchema, wrong).map(({ row }) => [row.question_id, row]),
  )
  const questions = fitting(asked.file, asked.rows, questionSchema, wrong).flatMap(({ row, place }) => {
    const answer = answers.get(row.question_id)
    if (answer === undefined) {
      wrong.push({ file: asked.file, row: place, problem: `question_id ${row.question_id} has no answer` })
      return []
    }
    const type = typeof answer.type === 'number' ? ACTIVITYNET_TYPES[answer.type] : answer.type
    const group = type ?? questionWord(row.question)
    return [questionOf(row.question_id, row.question, answer.answer, clipOf(row.video_name), group)]
  })
  return { questions, wrong }
}

interface RowsOf {
  readonly file: string
  readonly rows: readonly unknown[]
}

/** Both files in the order questions, answers, whichever was named first. */
async function bothFiles(
  file: string,
  rows: readonly unknown[],
  named: string | undefined,
): Promise<readonly [RowsOf, RowsOf]> {
  const isAnswers = rows.some((row) => typeof row === 'object' && row !== null && 'answer' in row)
  const other = named ?? file.replace(isAnswers ? /_a\.json$/ : /_q\.json$/, isAnswers ? '_q.json' : '_a.json')
  if (other === file || !existsSync(other)) {
    throw benchmarkError(
      `${file} holds ${isAnswers ? 'answers' : 'questions'} alone, and ${other} is not there; questions and answers are needed. Name both files by --annotations.`,
    )
  }
  const [first, second] = [
    { file, rows },
    { file: other, rows: await readList(other) },
  ]
  return isAnswers ? [second, first] : [first, second]
}

function questionOf(
  questionId: string,
  question: string,
  answer: string,
  clip: BenchmarkQuestion['clip'],
  group: string,
): BenchmarkQuestion {
  return { id: questionId, group, clip, questions: [question], expected: { kind: 'open', answer, axes: ['match'] } }
}

/** The first of the five words by which these sets count their questions. */
function questionWord(question: string): string {
  const words = question.toLowerCase().match(/\p{L}+/gu) ?? []
  return words.find((word) => QUESTION_WORDS.includes(word)) ?? 'other'
}
