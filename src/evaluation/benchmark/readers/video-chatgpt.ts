// The five axes of Video-ChatGPT (Maaz and others 2023): open questions about ActivityNet clips, whose answers a language
// model judges from 0 to 5. One file serves correctness, detail and context, one time, one consistency: the same thing asked
// in two ways.
import { basename } from 'node:path'
import { z } from 'zod'
import type { Axis, BenchmarkQuestion, ReadBenchmark, WrongRow } from '../benchmark-question.ts'
import { fitting, jsonFilesOf, readList } from '../read-rows.ts'

const text = z.string().trim().min(1)
const rowSchema = z.union([
  z.object({ video_name: text, Q1: text, Q2: text, A: text }),
  z.object({ video_name: text, Q: text, A: text }),
])

/** Reads its files. @param paths any of the three, or their folder; that of time has "temporal" in its name */
export async function readVideoChatGpt(paths: readonly string[]): Promise<ReadBenchmark> {
  const questions: BenchmarkQuestion[] = []
  const wrong: WrongRow[] = []
  for (const file of await jsonFilesOf(paths)) {
    const name = basename(file, '.json')
    const isTemporal = /temporal/i.test(name)
    for (const { row, place } of fitting(file, await readList(file), rowSchema, wrong)) {
      const isTwice = 'Q1' in row
      const axes: readonly Axis[] = isTwice
        ? ['consistency']
        : isTemporal
          ? ['temporal']
          : ['correctness', 'detail', 'context']
      questions.push({
        id: `${name}/${place}`,
        group: isTwice ? 'asked in two ways' : isTemporal ? 'time' : 'general',
        clip: { name: row.video_name },
        questions: isTwice ? [row.Q1, row.Q2] : [row.Q],
        expected: { kind: 'open', answer: row.A, axes },
      })
    }
  }
  return { questions, wrong }
}
