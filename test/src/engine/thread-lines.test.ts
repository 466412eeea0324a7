import { expect, it } from 'vitest'
import { ThreadLines } from '../../../src/engine/thread-lines.ts'

const never = new AbortController().signal

/** Work that ends when it is told to, and tells when it began. */
function workOf(log: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = () => {}
  const ended = new Promise<void>((resolve) => (end = resolve))
  const run = async () => {
    log.push(name)
    await ended
    return name
  }
  return { run, end }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('does what concerns one thread in the order of its coming, other threads meanwhile', async () => {
  const lines = new ThreadLines({ maxAtOnce: 9, maxBytes: 100 })
  const log: string[] = []
  const [a1, a2, b] = [workOf(log, 'a1'), workOf(log, 'a2'), workOf(log, 'b')]
  const all = [lines.inThread('a', a1.run), lines.inThread('a', a2.run), lines.inThread('b', b.run)]
  await turn()
  expect(log).toEqual(['a1', 'b'])
  a1.end()
  await turn()
  expect(log).toEqual(['a1', 'b', 'a2'])
  a2.end()
  b.end()
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'b'])
})

it('goes on in a thread after something failed', async () => {
  const lines = new ThreadLines({ maxAtOnce: 9, maxBytes: 100 })
  const failing = lines.inThread('a', () => Promise.reject(new Error('broken')))
  const next = lines.inThread('a', async () => 'next')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('next')
})

it('runs no more at once than allowed, and lets the next in when one is done', async () => {
  const lines = new ThreadLines({ maxAtOnce: 2, maxBytes: 100 })
  const log: string[] = []
  const works = ['a', 'b', 'c', 'd'].map((name) => workOf(log, name))
  const all = works.map(({ run }) => lines.inTurn({ bytes: 1, signal: never }, run))
  await turn()
  expect(log).toEqual(['a', 'b'])
  works[1]!.end()
  await all[1]
  await turn()
  expect(log).toEqual(['a', 'b', 'c'])
  for (const { end } of works) end()
  await Promise.all(all)
  expect(log).toEqual(['a', 'b', 'c', 'd'])
})

it('does not let wait what was cancelled, and does not lose a place by it', async () => {
  const lines = new ThreadLines({ maxAtOnce: 1, maxBytes: 100 })
  const log: string[] = []
  const [a, b, c] = [workOf(log, 'a'), workOf(log, 'b'), workOf(log, 'c')]
  const cancel = new AbortController()
  const all = [
    lines.inTurn({ bytes: 1, signal: never }, a.run),
    lines.inTurn({ bytes: 1, signal: cancel.signal }, b.run),
    lines.inTurn({ bytes: 1, signal: never }, c.run),
  ]
  cancel.abort()
  b.end()
  expect(await all[1]).toBe('b')
  expect(log).toEqual(['a', 'b'])
  a.end()
  c.end()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c'])
})

it('does at once what fits into memory together; what is larger than all of it alone; and nobody is overtaken', async () => {
  const lines = new ThreadLines({ maxAtOnce: 9, maxBytes: 10 })
  const log: string[] = []
  const sizes = { a: 6, b: 4, c: 50, d: 1 }
  const works = Object.entries(sizes).map(([name, bytes]) => ({ ...workOf(log, name), bytes }))
  const all = works.map(({ run, bytes }) => lines.inTurn({ bytes, signal: never }, run))
  await turn()
  expect(log).toEqual(['a', 'b'])
  works[0]!.end()
  await turn()
  expect(log).toEqual(['a', 'b'])
  works[1]!.end()
  await turn()
  expect(log).toEqual(['a', 'b', 'c'])
  for (const { end } of works) end()
  await Promise.all(all)
  expect(log).toEqual(['a', 'b', 'c', 'd'])
})
