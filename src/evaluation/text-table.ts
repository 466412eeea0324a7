// Tables for a terminal.

/** Columns as wide as their widest cell: the first ones to the left, the others to the right. @param left how many stand left */
export function textTable(rows: readonly (readonly string[])[], left = 1): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** E.g. `41.7 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
