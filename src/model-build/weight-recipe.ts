// Which values a weight has, as plain data: what another thread is handed so that it can read them there, and what can be cut
// into rows, so that several threads share one weight.
import { assertNever } from '../assert.ts'
import type { StoredTensor } from './safetensors-header.ts'

/** A weight of a checkpoint: rows of a stored tensor, and what is made of such. */
export type WeightRecipe =
  | {
      readonly kind: 'stored'
      readonly name: string
      readonly tensor: StoredTensor
      readonly firstRow: number
      readonly rows: number
    }
  | { readonly kind: 'stacked'; readonly name: string; readonly parts: readonly WeightRecipe[] }
  | { readonly kind: 'scaled'; readonly source: WeightRecipe; readonly factors: WeightRecipe }
  | { readonly kind: 'sum'; readonly delta: WeightRecipe; readonly base: WeightRecipe }

/** How many rows a weight has. */
export function rowCount(recipe: WeightRecipe): number {
  switch (recipe.kind) {
    case 'stored':
      return recipe.rows
    case 'stacked':
      return recipe.parts.reduce((sum, part) => sum + rowCount(part), 0)
    case 'scaled':
      return rowCount(recipe.source)
    case 'sum':
      return rowCount(recipe.delta)
    default:
      return assertNever(recipe)
  }
}

/** Rows `first` to `first + count` of a weight, which has them. */
export function cutRows(recipe: WeightRecipe, first: number, count: number): WeightRecipe {
  switch (recipe.kind) {
    case 'stored':
      return { ...recipe, firstRow: recipe.firstRow + first, rows: count }
    case 'stacked':
      return { ...recipe, parts: cutParts(recipe.parts, first, count) }
    case 'scaled': {
      const { source, factors } = recipe
      return { ...recipe, source: cutRows(source, first, count), factors: cutRows(factors, first, count) }
    }
    case 'sum': {
      const delta = cutRows(recipe.delta, first, count)
      // A base may have fewer rows.
      const baseRows = Math.min(count, rowCount(recipe.base) - first)
      return baseRows <= 0 ? delta : { ...recipe, delta, base: cutRows(recipe.base, first, baseRows) }
    }
    default:
      return assertNever(recipe)
  }
}

function cutParts(parts: readonly WeightRecipe[], first: number, count: number): WeightRecipe[] {
  const cut: WeightRecipe[] = []
  let begin = 0
  for (const part of parts) {
    const end = begin + rowCount(part)
    const [from, to] = [Math.max(first, begin), Math.min(first + count, end)]
    if (from < to) cut.push(cutRows(part, from - begin, to - from))
    begin = end
  }
  return cut
}
