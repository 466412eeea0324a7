// Measures programs in turns: each lives through the whole measurement, and only one works at a time.
import type { Measurement } from './measurements.ts'
import { type BenchOptions, openRunner } from './open-runner.ts'
import type { Turns } from './report.ts'
import type { Runner } from './runner.ts'
import type { Figures } from './runners/serve.ts'

/**
 * One unmeasured turn to warm up, then turn by turn, the order of the programs changing each time.
 * @throws what Valley's own program throws; peers that do not start are left out
 */
export async function takeTurns(measurement: Measurement, options: BenchOptions): Promise<Turns> {
  const { runners, task, once = false } = measurement
  const turns: Record<string, Figures[]> = {}
  const opened: Runner[] = []
  try {
    for (const [place, runner] of runners.entries()) {
      try {
        opened.push(await openRunner(runner, measurement, options))
        turns[runner] = []
      } catch (error) {
        if (place === 0) throw error
        console.error(`Without ${runner}: ${error instanceof Error ? error.message.split('\n').at(-1) : error}`)
      }
    }
    if (!once) for (const runner of opened) await runner.measure(task)
    for (let turn = 0; turn < (once ? 1 : options.turns); turn++) {
      for (const runner of turn % 2 === 0 ? opened : opened.toReversed()) {
        turns[runner.name]!.push(await runner.measure(task))
      }
    }
  } finally {
    await Promise.all(opened.map((runner) => runner.close()))
  }
  return turns
}
