// What is rejected is lost unevenly: a task whose answers often fail would be rarer in the set than its weight says. So for each
// dialogue that was rejected another clip gets the task, from the first row of the table on.
import type { ClipRow } from '../tables/clip-row.ts'
import { chooseTask, possibleTasks } from './choose-task.ts'
import { type Recipe, TASK_NAMES, type TaskName } from './recipe.ts'

/** A clip and what is asked about it. */
export interface Assigned {
  readonly row: ClipRow
  readonly task: TaskName
}

/** What is missing, and how it is asked for. */
export interface TopUp {
  /** How many dialogues of a task are missing now. */
  missing(task: TaskName): number
  /** Asks, and counts what came of it before it returns. */
  ask(assigned: readonly Assigned[]): Promise<void>
}

/** More is not held at once. */
const MOST_AT_ONCE = 1_000

/**
 * Makes up for what is missing, as far as the table goes. Rows are chosen in rounds, each for what the rounds before have left
 * missing, so that the same ones are chosen however many questions are under way.
 */
export async function topUp(
  rows: AsyncIterable<ClipRow>,
  { recipe, seed }: { readonly recipe: Recipe; readonly seed: number },
  { missing, ask }: TopUp,
): Promise<void> {
  let round: Assigned[] = []
  let wanted = wantedNow(missing)
  for await (const row of rows) {
    if (wanted.size === 0) return
    const first = chooseTask(row, recipe, seed)
    const task = neediest(
      possibleTasks(row, recipe).filter((one) => one !== first),
      wanted,
    )
    if (task === null) continue
    round.push({ row, task })
    const left = wanted.get(task)! - 1
    if (left === 0) wanted.delete(task)
    else wanted.set(task, left)
    if (wanted.size > 0 && round.length < MOST_AT_ONCE) continue
    await ask(round)
    round = []
    wanted = wantedNow(missing)
  }
  await ask(round)
}

function wantedNow(missing: TopUp['missing']): Map<TaskName, number> {
  return new Map(TASK_NAMES.map((task) => [task, missing(task)] as const).filter(([, count]) => count > 0))
}

/** The one of which most are wanted; of several the first. */
function neediest(tasks: readonly TaskName[], wanted: ReadonlyMap<TaskName, number>): TaskName | null {
  const most = Math.max(0, ...tasks.map((task) => wanted.get(task) ?? 0))
  return most === 0 ? null : tasks.find((task) => wanted.get(task) === most)!
}
