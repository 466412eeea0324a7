import { describe, expect, it } from 'vitest'
import { findCycle, type Import, readImports } from './imports.ts'

describe('readImports', () => {
  it('reads every form of import and resolves it', () => {
    const text = `
import { readFileSync } from 'node:fs'
import type { Frame } from '../video/frame.ts'
import {
  type Engine,
  openEngine,
} from './engine.ts'
import '@scope/name/deep'
export { a } from 'name/deep.js'
// import { no } from './comment.ts'
/* import { no } from './block.ts' */
const late = await import('../late.ts')
new Worker(new URL('./worker.ts', import.meta.url))
`
    expect(readImports({ path: 'src/engine/open.ts', text })).toEqual([
      { from: 'src/engine/open.ts', target: 'node:fs', isTypeOnly: false },
      { from: 'src/engine/open.ts', target: 'src/video/frame.ts', isTypeOnly: true },
      { from: 'src/engine/open.ts', target: 'src/engine/engine.ts', isTypeOnly: false },
      { from: 'src/engine/open.ts', target: '@scope/name', isTypeOnly: false },
      { from: 'src/engine/open.ts', target: 'name', isTypeOnly: false },
      { from: 'src/engine/open.ts', target: 'src/late.ts', isTypeOnly: false },
      { from: 'src/engine/open.ts', target: 'src/engine/worker.ts', isTypeOnly: false },
    ])
  })
})

describe('findCycle', () => {
  const edge = (from: string, target: string): Import => ({ from, target, isTypeOnly: true })

  it('finds none in a diamond', () => {
    expect(findCycle([edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')])).toBeNull()
  })

  it('names the files of a cycle that does not hold the first file', () => {
    expect(findCycle([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')])).toEqual(['b', 'c', 'b'])
  })

  it('finds a file that imports itself', () => {
    expect(findCycle([edge('a', 'a')])).toEqual(['a', 'a'])
  })
})
