import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createPrivateFolder } from '../../../src/video/private-folder.ts'
import { removeStaleFolders } from '../../../src/video/stale-folders.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const PRIVATE_FOLDER = new URL('../../../src/video/private-folder.ts', import.meta.url).href
const HOST = hostname().replaceAll(/[^a-z0-9]/gi, '_')

/** A process that makes a private folder with a clip in it and then waits. */
async function startProcess(folder: string) {
  const script = `
    const { createPrivateFolder } = await import(${JSON.stringify(PRIVATE_FOLDER)})
    const { path } = await createPrivateFolder('download', ${JSON.stringify(folder)})
    await (await import('node:fs/promises')).writeFile(path + '/clip', 'a clip')
    console.log('made')
    setInterval(() => {}, 1000)`
  const node = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

it('a clip of a process that was killed goes, that of one that runs stays', async () => {
  const folder = temporaryFolder()
  const [killed, runs] = await Promise.all([startProcess(folder), startProcess(folder)])
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const own = await createPrivateFolder('clip', folder)
  expect(await removeStaleFolders(folder)).toBe(1)
  const left = readdirSync(folder)
  expect(left).toHaveLength(2)
  expect(left.some((name) => name.includes(`-${runs.pid}-`))).toBe(true)
  await own.remove()
})

it('a clip of an earlier process with our own number goes, as in a container that was restarted', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, `valley-clip-${HOST}-${process.pid}-abc123`))
  expect(await removeStaleFolders(folder)).toBe(1)
})

it('what another machine or another program made stays', async () => {
  const folder = temporaryFolder()
  const others = ['valley-clip-elsewhere-999999999-abc123', 'valley-clip-notes', 'tsx-0']
  for (const name of others) mkdirSync(join(folder, name))
  writeFileSync(join(folder, 'valley-clip.mp4'), '')
  expect(await removeStaleFolders(folder)).toBe(0)
  expect(readdirSync(folder)).toHaveLength(others.length + 1)
})

it('a temporary folder that cannot be read is passed over', async () => {
  expect(await removeStaleFolders(join(temporaryFolder(), 'missing'))).toBe(0)
})
