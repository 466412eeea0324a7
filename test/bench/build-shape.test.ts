import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildShape } from '../../bench/build-shape.ts'
import { randomWeight } from '../../bench/random-weights.ts'
import { openEngine } from '../../src/engine/engine.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

it('draws the same weights each time that they are streamed', async () => {
  const read = async () => {
    const values: number[] = []
    for await (const piece of randomWeight('a', [3, 5]).chunks(5)) values.push(...piece)
    return values
  }
  const values = await read()
  expect(values).toHaveLength(15)
  expect(new Set(values).size).toBe(15)
  expect(await read()).toEqual(values)
})

it('builds a package of a shape that the engine answers with', async () => {
  const folder = temporaryFolder()
  const packageDirectory = await buildShape(folder, 'small', 'int4')
  expect(packageDirectory).toBe(join(folder, 'small-int4'))
  const engine = await openEngine({ packageDirectory, threads: 1 })
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }] as const
  const types: string[] = []
  const request = { threadId: 'x', messages, maxTokens: 3, temperature: 0, topP: 1, seed: 0, probe: false }
  for await (const event of engine.generate(request)) types.push(event.type)
  expect(types.at(-1)).toBe('end')
  await engine.close()
})
