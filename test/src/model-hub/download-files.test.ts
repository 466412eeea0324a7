// Several files in a row, and what is told of them: by the rule of three on a clock that the test moves.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type DownloadProgress, downloadFiles, missingBytes } from '../../../src/model-hub/download-files.ts'
import { openHub } from '../../../src/model-hub/hub-access.ts'
import { readRepository } from '../../../src/model-hub/repository.ts'
import { startHub } from '../../doubles/hub/hub-double.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const FIRST = createHash('sha512').update('first').digest()
const SECOND = Buffer.alloc(1000, 'second')
const FILES = [
  { path: 'one.json', content: FIRST },
  { path: 'onnx/two.onnx', content: SECOND, large: true },
]

async function stage() {
  const double = await startHub({ name: 'someone/a-model', files: FILES })
  const hub = openHub(double.url, null)
  return { double, hub, repository: await readRepository(hub, 'someone/a-model', 'main'), folder: temporaryFolder() }
}

it('lays files below their own paths and counts what is there as done', async () => {
  const { hub, repository, folder } = await stage()
  writeFileSync(join(folder, 'one.json.part'), FIRST.subarray(0, 24))
  expect(await missingBytes(repository.files, folder)).toBe(40 + 1000)

  const seen: DownloadProgress[] = []
  await downloadFiles(hub, repository, repository.files, folder, { onProgress: (progress) => seen.push(progress) })
  expect(readFileSync(join(folder, 'one.json')).equals(FIRST)).toBe(true)
  expect(readFileSync(join(folder, 'onnx', 'two.onnx')).equals(SECOND)).toBe(true)
  expect(seen[0]).toMatchObject({ file: 'one.json', bytesDone: 24, bytesTotal: 1064 })
  expect(seen.at(-1)).toMatchObject({ file: 'onnx/two.onnx', bytesDone: 1064, bytesTotal: 1064 })
  expect(seen.map(({ bytesDone }) => bytesDone)).toEqual(
    seen.map(({ bytesDone }) => bytesDone).toSorted((a, b) => a - b),
  )
  expect(await missingBytes(repository.files, folder)).toBe(0)
})

it('tells speed and time left by what came now, not by what an earlier run left', async () => {
  const { double, hub, repository, folder } = await stage()
  writeFileSync(join(folder, 'one.json.part'), FIRST.subarray(0, 60))
  // 300 bytes of the second file come, then the connection breaks; the clock goes a second at each report.
  double.fail('storage:onnx/two.onnx', { cutAfterBytes: 300 })
  let now = 0
  const seen: DownloadProgress[] = []
  await downloadFiles(hub, repository, repository.files, folder, {
    now: () => {
      now += 1000
      return now
    },
    sleep: async () => {},
    onProgress: (progress) => seen.push(progress),
  })
  expect(seen[0]).toMatchObject({ bytesDone: 60, bytesPerSecond: null, secondsLeft: null })
  // 4 bytes of the first file within a second.
  expect(seen[1]).toMatchObject({ bytesDone: 64, bytesPerSecond: 4, secondsLeft: 250 })
  const cut = seen.find(({ bytesDone }) => bytesDone === 364)!
  // 304 bytes within three seconds; 700 are left.
  expect(cut.bytesPerSecond).toBeCloseTo(304 / 3)
  expect(cut.secondsLeft).toBeCloseTo(700 / (304 / 3))
})

it('asks for nothing that is there', async () => {
  const { double, hub, repository, folder } = await stage()
  await downloadFiles(hub, repository, repository.files, folder)
  const before = double.requests.length
  await downloadFiles(hub, repository, repository.files, folder)
  expect(double.requests).toHaveLength(before)
})
