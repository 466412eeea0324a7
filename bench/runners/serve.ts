// The loop of one runner's process: a line of JSON comes in, the figures of one measurement go out. Runners live as long as
// the bench, so that each of them is measured warm, and only one of them works at a time.
import { createInterface } from 'node:readline'

/** What is measured once. */
export interface Task {
  /**
   * prompt: prefill and decode. threads: the same, alone and by several at once. clip: two questions about a clip.
   * tower: frames through the vision encoder. Other runners have one kind of task each, which they know themselves.
   */
  readonly kind: 'prompt' | 'threads' | 'clip' | 'tower' | 'own'
  readonly promptTokens: number
  readonly newTokens: number
  readonly threads: number
  readonly frames: number
  /** Lengths of the clips that are decoded. */
  readonly minutes?: readonly number[]
  /** How many prompts are answered. */
  readonly prompts?: number
}

/** Numbers by name, e.g. tokens a second. */
export type Figures = Readonly<Record<string, number>>

/** Before each answer, since native libraries print to the same stream. */
export const ANSWER = 'bench-answer:'

/** Answers tasks until the input ends. */
export async function serve(open: () => Promise<(task: Task) => Promise<Figures>>): Promise<void> {
  const measure = await open()
  answer({})
  for await (const line of createInterface({ input: process.stdin })) {
    answer(await measure(JSON.parse(line) as Task))
  }
  process.exit(0)
}

function answer(figures: Figures): void {
  process.stdout.write(`${ANSWER}${JSON.stringify(figures)}\n`)
}
