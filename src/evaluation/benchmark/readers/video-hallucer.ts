// VideoHallucer (Wang and others 2024), and whatever has its form: pairs of yes/no questions, one about what the clip shows
// and one about what it does not. A pair is right when both are.
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import type { BenchmarkQuestion, ReadBenchmark, WrongRow } from '../benchmark-question.ts'
import { fitting, jsonFilesOf, readList } from '../read-rows.ts'

const text = z.string().trim().min(1)
const halfSchema = z.object({
  video: text,
  question: text,
  answer: z.string().regex(/^\s*(yes|no)\s*\.?\s*$/i, 'must be yes or no'),
})
const rowSchema = z.object({ basic: halfSchema, hallucination: halfSchema, type: text.optional() })
const PARTS = ['basic', 'hallucination'] as const

/** Reads its files. @param paths files of pairs, or a folder of them */
export async function readVideoHallucer(paths: readonly string[]): Promise<ReadBenchmark> {
  const questions: BenchmarkQuestion[] = []
  const wrong: WrongRow[] = []
  for (const file of await jsonFilesOf(paths)) {
    const subset = basename(file, '.json')
    for (const { row, place } of fitting(file, await readList(file), rowSchema, wrong)) {
      const pair = `${subset}/${place}`
      for (const part of PARTS) {
        const { video, question, answer } = row[part]
        questions.push({
          id: `${pair}/${part}`,
          group: (row.type ?? subset).replaceAll('_', ' '),
          // A subset's clips lie in its own folder `videos`.
          clip: { name: video, folders: [`${subset}/videos`, `${basename(dirname(file))}/videos`, 'videos'] },
          questions: [question],
          expected: { kind: 'yes-no', isYes: /yes/i.test(answer) },
          pair: { id: pair, part },
        })
      }
    }
  }
  return { questions, wrong }
}
