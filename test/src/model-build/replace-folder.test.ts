// What killed runs leave beside a package, and what the next run makes of it. Folders are laid out as a kill leaves them, and
// one process is really killed. What a run does that nobody disturbs is in build-package.test.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { mendFolder, replaceFolder } from '../../../src/model-build/replace-folder.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const REPLACE_FOLDER = new URL('../../../src/model-build/replace-folder.ts', import.meta.url).href
const HOST = hostname().replaceAll(/[^a-z0-9]/gi, '_')
/** Above the largest number that Linux gives to a process. */
const ENDED = 999_999_999
const TWO_DAYS_MS = 2 * 24 * 60 * 60 * 1000

let models: string
let goal: string

beforeEach(() => {
  models = temporaryFolder()
  goal = join(models, 'package')
})

/** Makes a folder with files of these names; each holds the folder's own name. */
function lay(name: string, ...files: string[]): void {
  mkdirSync(join(models, name))
  for (const file of files) {
    mkdirSync(dirname(join(models, name, file)), { recursive: true })
    writeFileSync(join(models, name, file), name)
  }
}

function work(purpose: 'building' | 'replaced', processId: number, host = HOST): string {
  return `.package.${purpose}-${host}-${processId}-0123456789ab`
}

/** Which package a file of the goal came from. */
function origin(file: string): string {
  return readFileSync(join(goal, file), 'utf8')
}

/** A process that is in the middle of a build. */
async function startBuild() {
  const script = `
    const { replaceFolder } = await import(${JSON.stringify(REPLACE_FOLDER)})
    await replaceFolder(${JSON.stringify(goal)}, async (directory) => {
      await (await import('node:fs/promises')).writeFile(directory + '/weights.data', 'gigabytes')
      console.log('building')
      await new Promise((resolve) => setInterval(resolve, 2 ** 30))
    })`
  const node = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

it('half a package of a build that was killed goes with the next build, and not while it runs', async () => {
  lay('package', 'manifest.json', 'card.md')
  const build = await startBuild()
  const [left] = readdirSync(models).filter((name) => name.startsWith('.package.building-'))
  await mendFolder(goal)
  expect(existsSync(join(models, left!, 'weights.data'))).toBe(true)

  build.kill('SIGKILL')
  await once(build, 'exit')
  await replaceFolder(goal, (directory) => Promise.resolve(writeFileSync(join(directory, 'manifest.json'), 'new')))
  expect(readdirSync(models)).toEqual(['package'])
  expect(origin('manifest.json')).toBe('new')
  expect(origin('card.md')).toBe('package')
})

describe('a build that was killed while the new package took the old one’s place', () => {
  it('gives the old one back when the place was still empty', async () => {
    lay(work('replaced', ENDED), 'manifest.json', 'weights.data', 'demo/clip.mp4')
    lay(work('building', ENDED), 'manifest.json', 'weights.data')
    await mendFolder(goal)
    expect(readdirSync(models)).toEqual(['package'])
    expect(readdirSync(goal).sort()).toEqual(['demo', 'manifest.json', 'weights.data'])
    expect(origin('demo/clip.mp4')).toBe(work('replaced', ENDED))
  })

  it('brings people’s files home when the new one was there already', async () => {
    lay('package', 'manifest.json', 'weights.data')
    lay(work('replaced', ENDED), 'manifest.json', 'weights.data', 'prefill.data', 'card.md', 'demo/clip.mp4')
    await mendFolder(goal)
    expect(readdirSync(models)).toEqual(['package'])
    expect(readdirSync(goal).sort()).toEqual(['card.md', 'demo', 'manifest.json', 'weights.data'])
    expect(origin('weights.data')).toBe('package')
    expect(origin('demo/clip.mp4')).toBe(work('replaced', ENDED))
  })

  it('loses no file that people have written anew since', async () => {
    const old = work('replaced', ENDED)
    lay('package', 'manifest.json', 'card.md')
    lay(old, 'manifest.json', 'weights.data', 'card.md')
    await mendFolder(goal)
    expect(origin('card.md')).toBe('package')
    expect(readdirSync(join(models, old))).toEqual(['card.md'])
    // Nor is that file taken for a package once the package is gone.
    rmSync(goal, { recursive: true })
    await mendFolder(goal)
    expect(readdirSync(models)).toEqual([old])
  })

  it('loses no old package where people have put something else in its place', async () => {
    const old = work('replaced', ENDED)
    lay('package', 'thesis.txt')
    lay(old, 'manifest.json', 'weights.data')
    await mendFolder(goal)
    expect(readdirSync(goal)).toEqual(['thesis.txt'])
    expect(readdirSync(join(models, old))).toEqual(['manifest.json', 'weights.data'])
  })
})

describe('what is beside a package', () => {
  it('goes when an earlier process with our own number left it, as in a container that was restarted', async () => {
    lay(work('building', process.pid), 'weights.data')
    await mendFolder(goal)
    expect(readdirSync(models)).toEqual([])
  })

  it('stays while a run of this process or of another one works in it', async () => {
    const others = [work('building', process.ppid), work('replaced', process.ppid)]
    for (const name of others) lay(name, 'manifest.json')
    await replaceFolder(goal, async (directory) => {
      writeFileSync(join(directory, 'manifest.json'), 'new')
      await mendFolder(goal)
      expect(readdirSync(models).sort()).toEqual([basename(directory), ...others].sort())
    })
    expect(readdirSync(models).sort()).toEqual([...others, 'package'].sort())
  })

  it('stays when another machine left it that shares the folder, until nothing has changed for a day', async () => {
    const others = [work('building', ENDED, 'elsewhere'), work('replaced', ENDED, 'elsewhere')]
    for (const name of others) lay(name, 'manifest.json')
    await mendFolder(goal)
    expect(readdirSync(models).sort()).toEqual(others.sort())
    await mendFolder(goal, Date.now() + TWO_DAYS_MS)
    expect(readdirSync(models)).toEqual(['package'])
    expect(origin('manifest.json')).toBe(work('replaced', ENDED, 'elsewhere'))
  })

  it('stays when it is of another package, or no folder of a run', async () => {
    const others = [work('building', ENDED).replace('package', 'package-2'), '.package.building-notes', 'package.old']
    for (const name of others) lay(name, 'manifest.json')
    await mendFolder(goal)
    expect(readdirSync(models).sort()).toEqual(others.sort())
  })
})

it('a file that came into the old package while the new one was built is kept', async () => {
  lay('package', 'manifest.json')
  await replaceFolder(goal, (directory) => {
    writeFileSync(join(directory, 'manifest.json'), 'new')
    writeFileSync(join(goal, 'card.md'), 'late')
    return Promise.resolve()
  })
  expect(readdirSync(models)).toEqual(['package'])
  expect(origin('card.md')).toBe('late')
})
