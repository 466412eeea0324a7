// The published sets that can be asked, by the names that the command line knows.
import type { ReadBenchmark } from './benchmark-question.ts'
import { readMvbench } from './readers/mvbench.ts'
import { readActivityNetQa, readMsrvttQa, readMsvdQa } from './readers/open-answers.ts'
import { readTempCompass } from './readers/temp-compass.ts'
import { readVideoChatGpt } from './readers/video-chatgpt.ts'
import { readVideoHallucer } from './readers/video-hallucer.ts'

/** How an answer is taken from the model. */
export const METHODS = ['answer', 'first-token', 'likelihood'] as const
/** One of the ways. */
export type Method = (typeof METHODS)[number]

/** A published set. */
export interface Benchmark {
  readonly title: string
  /** Ways that suit its questions; the first is the published one. */
  readonly methods: readonly Method[]
  /** Whether nothing can be said of an answer without a language model that judges. */
  readonly needsJudge: boolean
  /** @throws AppError BENCHMARK_INVALID for files that are not the set's */
  readonly read: (paths: readonly string[]) => Promise<ReadBenchmark>
}

/** The sets by name. */
export const BENCHMARKS = {
  'msvd-qa': { title: 'MSVD-QA', methods: ['answer'], needsJudge: false, read: readMsvdQa },
  'msrvtt-qa': { title: 'MSRVTT-QA', methods: ['answer'], needsJudge: false, read: readMsrvttQa },
  'activitynet-qa': { title: 'ActivityNet-QA', methods: ['answer'], needsJudge: false, read: readActivityNetQa },
  'temp-compass': { title: 'TempCompass', methods: METHODS, needsJudge: false, read: readTempCompass },
  mvbench: { title: 'MVBench', methods: METHODS, needsJudge: false, read: readMvbench },
  'video-hallucer': {
    title: 'VideoHallucer',
    methods: ['answer', 'first-token'],
    needsJudge: false,
    read: readVideoHallucer,
  },
  'video-chatgpt': { title: 'Video-ChatGPT, five axes', methods: ['answer'], needsJudge: true, read: readVideoChatGpt },
} as const satisfies Readonly<Record<string, Benchmark>>

/** Name of a set. */
export type BenchmarkName = keyof typeof BENCHMARKS
