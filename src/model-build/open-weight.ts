// A weight that was handed over as plain data becomes one whose values can be read.
import { assertNever } from '../assert.ts'
import { addRows } from './add-base.ts'
import type { WeightRecipe } from './weight-recipe.ts'
import { scaledRows, stackRows, storedRows, type WeightSource } from './weight-source.ts'

/** The weight of a recipe. Throws as storedWeight. */
export function openWeight(recipe: WeightRecipe): WeightSource {
  switch (recipe.kind) {
    case 'stored':
      return storedRows(recipe.tensor, recipe.name, recipe.firstRow, recipe.rows)
    case 'stacked':
      return stackRows(recipe.name, recipe.parts.map(openWeight))
    case 'scaled':
      return scaledRows(openWeight(recipe.source), openWeight(recipe.factors))
    case 'sum':
      return addRows(openWeight(recipe.delta), openWeight(recipe.base))
    default:
      return assertNever(recipe)
  }
}
