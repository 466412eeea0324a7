// Which questions of a set a run asks, and of which of them the clip is there.
import type { BenchmarkQuestion } from './benchmark-question.ts'
import type { ClipFinder } from './clip-finder.ts'

/** A question with its clip. */
export interface PlannedQuestion {
  readonly asked: BenchmarkQuestion
  /** Absolute path of the clip. */
  readonly path: string
}

/** What a run asks. */
export interface RunPlan {
  readonly planned: readonly PlannedQuestion[]
  /** Questions whose clip is not there. */
  readonly missing: readonly BenchmarkQuestion[]
}

/**
 * Chooses questions, spread evenly over the set so that each of its parts has its share; pairs stay whole.
 * @param limit about how many; null for all
 */
export function chooseQuestions(questions: readonly BenchmarkQuestion[], limit: number | null): BenchmarkQuestion[] {
  if (limit === null || limit >= questions.length) return [...questions]
  const units = new Map<string, BenchmarkQuestion[]>()
  for (const question of questions) {
    const key = question.pair?.id ?? `single ${question.id}`
    units.set(key, [...(units.get(key) ?? []), question])
  }
  const all = [...units.values()]
  const count = Math.max(1, Math.round((limit * all.length) / questions.length))
  return Array.from({ length: count }, (_, step) => all[Math.floor((step * all.length) / count)]!).flat()
}

/** Finds the clip of each question. */
export function planRun(questions: readonly BenchmarkQuestion[], clips: Pick<ClipFinder, 'find'>): RunPlan {
  const planned: PlannedQuestion[] = []
  const missing: BenchmarkQuestion[] = []
  for (const asked of questions) {
    const path = clips.find(asked.clip)
    if (path === null) missing.push(asked)
    else planned.push({ asked, path })
  }
  return { planned, missing }
}
