import { expect, it } from 'vitest'
import { findUndocumentedExports } from './docstrings.ts'

it('names the exports without a docstring and passes over the others', () => {
  const text = `
/** Said. */
export const described = 1
export const bare = 2
// A line comment is not a docstring.
export async function alsoBare() {}
/**
 * First overload.
 */
export function twice(a: string): string
export function twice(a: number): number
const inner = 3
export type { Elsewhere } from './elsewhere.ts'
export abstract class Open {}
`
  expect(findUndocumentedExports({ path: 'a.ts', text })).toEqual(['a.ts:4 bare', 'a.ts:6 alsoBare', 'a.ts:14 Open'])
})
