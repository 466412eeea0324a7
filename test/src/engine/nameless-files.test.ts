import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { NamelessFiles } from '../../../src/engine/nameless-files.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

it('lets the oldest go beyond a number of files, however small they are, since each stays open', async () => {
  const folder = temporaryFolder()
  const files = new NamelessFiles({ folder, maxBytes: 1e9, maxFiles: 3 })
  const keys = ['a', 'b', 'c', 'd', 'e']
  for (const [index, key] of keys.entries()) expect(await files.write(key, [Float32Array.of(index)])).toBe(true)
  expect(keys.filter((key) => files.has(key))).toEqual(['c', 'd', 'e'])
  expect(files.bytes).toBe(3 * 4)
  expect(readdirSync(folder)).toEqual([])

  await files.write('d', [Float32Array.of(9)]) // in the place of what was there
  expect(keys.filter((key) => files.has(key))).toEqual(['c', 'd', 'e'])
  const read = new Float32Array(1)
  expect(await files.readInto('d', [read])).toBe(true)
  expect([...read]).toEqual([9])
  await files.close()
})
