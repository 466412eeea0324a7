// Which key somebody meant who misspelt one.

/**
 * The nearest of some names.
 * @returns null when none is near: more than a third of the letters, at least two, would have to change
 */
export function nearestKey(seen: string, names: readonly string[]): string | null {
  const limit = Math.max(2, Math.floor(seen.length / 3))
  const measured = names.map((name) => ({ name, changes: countChanges(seen.toLowerCase(), name.toLowerCase()) }))
  const [nearest] = measured.filter(({ changes }) => changes <= limit).sort((a, b) => a.changes - b.changes)
  return nearest?.name ?? null
}

/** Letters to insert, drop or replace to make one word of the other (Levenshtein's distance). */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= to.length; column += 1) {
      const replace = row[column - 1]! + (letter === to[column - 1] ? 0 : 1)
      next.push(Math.min(replace, row[column]! + 1, next[column - 1]! + 1))
    }
    row = next
  }
  return row[to.length]!
}
