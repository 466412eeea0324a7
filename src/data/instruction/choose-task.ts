// Which task a clip gets: by weight among those that its row suffices for, the same each time.
import { drawnFrom, hashText } from '../phrases/text-hash.ts'
import type { ClipRow } from '../tables/clip-row.ts'
import { type Recipe, TASK_NAMES, type TaskName } from './recipe.ts'

/** The tasks that a row suffices for. */
export function possibleTasks(row: ClipRow, { tasks }: Pick<Recipe, 'tasks'>): TaskName[] {
  return TASK_NAMES.filter(
    (name) => tasks[name] !== undefined && (tasks[name].needs === 'caption' || row.sentences.length > 1),
  )
}

/** Draws a task. @returns null when no task can be made of the row */
export function chooseTask(row: ClipRow, { tasks }: Pick<Recipe, 'tasks'>, seed: number): TaskName | null {
  const possible = possibleTasks(row, { tasks })
  const total = possible.reduce((sum, name) => sum + tasks[name]!.weight, 0)
  if (total === 0) return null
  let left = drawnFrom(seed, hashText(row.id), row.row) * total
  for (const name of possible) {
    left -= tasks[name]!.weight
    if (left < 0) return name
  }
  return possible.at(-1)!
}
