// What the documents say, held against what is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LANGUAGES } from '../src/conversation/texts/locale.ts'
import { ERROR_CODES } from '../src/errors.ts'
import { manifestSchema } from '../src/model-package/manifest.ts'
import { DEFAULT_VIDEO_LIMITS } from '../src/video/limits.ts'
import { PROJECT_ROOT, readSources } from './helpers/source-files.ts'

const README = read('README.md')
const ADAPTERS_README = read('adapters/README.md')
const DOCUMENTS = [
  'README.md',
  'BENCHMARKS.md',
  'SECURITY.md',
  'adapters/README.md',
  'docs/architecture.md',
  'docs/data.md',
  'docs/errors.md',
  'docs/evaluation.md',
  'docs/models.md',
  'docs/moderation.md',
  'docs/operations.md',
  'docs/scaling.md',
  'models/README.md',
]
/** Made up, to write about. */
const INVENTED = /(^|\/)wire(\/|$)/
/** Written by whoever runs Valley; not in the repository. */
const OWN_SETTINGS = 'config/valley.yaml'

function read(path: string): string {
  return readFileSync(join(PROJECT_ROOT, path), 'utf8')
}

/** Rows of every table of a document, each a list of its cells. */
function tableRows(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| ') && !/^[|\s-]+$/.test(line))
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** The section under a heading of the second level. */
function section(markdown: string, heading: string): string {
  const found = markdown.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))
  if (found === undefined) throw new Error(`There is no section "${heading}"`)
  return found
}

describe('the map of folders', () => {
  /** Folders end with a slash. */
  function entriesOf(folder: string): string[] {
    const entries = readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true })
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  }

  function readMap(): string[] {
    const block = /```\n([\s\S]*?)```/.exec(section(README, 'Map of folders'))?.[1] ?? ''
    let parent = ''
    return block
      .trimEnd()
      .split('\n')
      .map((line) => {
        const name = line.trim().split(/\s{2,}/)[0]!
        if (!line.startsWith(' ')) parent = name
        return line.startsWith(' ') ? parent + name : name
      })
  }

  it('names every folder of the top level, every room and nothing else', () => {
    const ignored = new Set([
      ...read('.gitignore')
        .split('\n')
        .map((line) => line.replace(/^\//, '')),
      '.git/',
    ])
    const top = entriesOf('.').filter((name) => name.endsWith('/') && !ignored.has(name))
    const rooms = ['src/', 'adapters/'].flatMap((folder) => entriesOf(folder).map((name) => folder + name))
    expect(readMap().toSorted()).toEqual([...top, ...rooms].toSorted())
  })
})

describe('docs/errors.md', () => {
  const rows = tableRows(read('docs/errors.md')).filter(([code]) => code !== 'code')
  const codes = Object.values(ERROR_CODES).flat()

  it('has one row for each code, with cause and remedy', () => {
    expect(rows.map(([code]) => code).toSorted()).toEqual(codes.map((code) => `\`${code}\``).toSorted())
    for (const [code, cause, remedy] of rows) {
      expect(cause, `cause of ${code}`).toMatch(/\.$/)
      expect(remedy, `remedy of ${code}`).toMatch(/\.$/)
    }
  })

  it('speaks of codes that are unique and have a sentence for people', () => {
    expect(new Set(codes).size).toBe(codes.length)
    for (const code of codes) {
      for (const { errors } of Object.values(LANGUAGES)) expect(errors[code], code).toMatch(/[.?。？]$/)
    }
  })
})

describe('models/README.md', () => {
  it('explains every key of the manifest and no other', () => {
    const keys = tableRows(section(read('models/README.md'), 'manifest.json')).map(([key]) => key)
    const expected = Object.keys(manifestSchema.shape).map((key) => `\`${key}\``)
    expect(keys.filter((key) => key !== 'key').toSorted()).toEqual(expected.toSorted())
  })
})

describe('adapters/README.md', () => {
  it('names exports that the files beside them have', () => {
    const rows = tableRows(ADAPTERS_README).filter(([file]) => file?.startsWith('`'))
    expect(rows.length).toBeGreaterThan(0)
    for (const [file, names] of rows) {
      const text = read(file!.replaceAll('`', ''))
      for (const [, name] of names!.matchAll(/`(\w+)`/g)) {
        expect(text, `${file} exports ${name}`).toMatch(
          new RegExp(`^export (?:(?:async )?function|class|const|interface|type) ${name}\\b`, 'm'),
        )
      }
    }
  })

  it('names tables that the files of its steps have', () => {
    const steps = section(ADAPTERS_README, 'Add a platform')
    const named = [
      ['test/boundaries.test.ts', 'MAY_IMPORT'],
      ['test/boundaries.test.ts', 'PACKAGE_OWNERS'],
      ['test/contract/adapter-contract.ts', 'adapterContract'],
      ['src/config/platform-secrets.ts', 'PLATFORM_NAMES'],
      ['src/config/platform-secrets.ts', 'NEEDED'],
      ['src/config/config.ts', 'configOf'],
      ['adapters/index.ts', 'ADAPTERS'],
      ['adapters/checks.ts', 'PLATFORM_CHECKS'],
    ] as const
    for (const [file, name] of named) {
      expect(steps).toContain(`\`${file}\``)
      expect(steps).toContain(`\`${name}\``)
      expect(read(file), `${file} has ${name}`).toMatch(new RegExp(`^(?:export )?(?:function|const) ${name}\\b`, 'm'))
    }
    const tables = [...steps.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name!)
    expect(tables.filter((table) => !named.some(([, name]) => name === table))).toEqual([])
  })
})

describe('README.md', () => {
  it('names limits as the code has them', () => {
    const mebibyte = 1024 * 1024
    const units: Readonly<Record<string, number>> = { MiB: mebibyte, s: 1 }
    const limits = tableRows(section(README, 'Limits')).filter(([what]) => what?.includes('`'))
    expect(limits.length).toBeGreaterThan(0)
    for (const [what, limit] of limits) {
      const name = /`(\w+)`/.exec(what!)![1]! as keyof typeof DEFAULT_VIDEO_LIMITS
      const [number, unit] = limit!.split(' ')
      const value = Number(number) * (units[unit ?? ''] ?? 1) * (name.endsWith('Ms') ? 1000 : 1)
      expect(value, name).toBe(DEFAULT_VIDEO_LIMITS[name])
    }
  })

  it('runs scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...README.matchAll(/npm (?:run (?:-s )?)?(\w+)/g)].map(([, name]) => name!)
    const ofNpm = ['ci', 'link', 'warn', 'registry', 'package']
    const missing = named.filter((name) => !(name in scripts) && !ofNpm.includes(name) && !/^\d+$/.test(name))
    expect(missing).toEqual([])
  })

  it('names every command of valley and no other', () => {
    const registered = readSources('src/commands').flatMap(({ path, text }) => {
      // A command of a group stands in a file named after both, e.g. model-list.ts.
      const group = /group: Command/.test(text) ? `${/(\w+)-[\w-]+\.ts$/.exec(path)?.[1]} ` : ''
      return [...text.matchAll(/\.command\('([\w-]+)'\)/g)].map(([, name]) => group + name)
    })
    const cli = read('src/cli.ts')
    for (const name of registered.filter((command) => !command.includes(' '))) {
      expect(cli, `src/cli.ts adds ${name}`).toContain(`import('./commands/${name}.ts')`)
    }
    const named = tableRows(section(README, 'Commands')).flatMap(([cell]) => {
      const words = /^`valley ([a-z ]+)/.exec(cell!)?.[1]
      return words === undefined ? [] : [words.trim()]
    })
    expect(named.toSorted()).toEqual(
      registered.filter((name) => !registered.some((other) => other.startsWith(`${name} `))).toSorted(),
    )
  })

  it('names every setting and no other', () => {
    const settings = tableRows(section(README, 'Settings')).flatMap(([cell]) =>
      [...cell!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name),
    )
    const read = readSources('src/config').flatMap(({ text }) =>
      // Settings of the schema, and the proxies, which every program reads in either case.
      [...text.matchAll(/^ {2}((?:VALLEY|FFMPEG|FFPROBE|DISCORD|SLACK|HF)_\w+):|\beither\('(\w+)'\)/gm)].map(
        ([, name, proxy]) => name ?? proxy,
      ),
    )
    expect(settings.toSorted()).toEqual(read.toSorted())
  })
})

describe('links', () => {
  it.each(DOCUMENTS)('in %s lead somewhere', (path) => {
    const targets = [...read(path).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target]) => target!)
    const local = targets.filter((target) => !/^https?:/.test(target))
    const broken = local.filter((target) => !existsSync(join(PROJECT_ROOT, dirname(path), target)))
    expect(broken).toEqual([])
  })

  it.each(DOCUMENTS)('and paths named in %s exist', (path) => {
    const named = [...read(path).matchAll(/`((?:src|adapters|test|training|docs|config|models)\/[\w./-]+)`/g)]
    const broken = named
      .map(([, name]) => name!)
      .filter((name) => name !== OWN_SETTINGS && !INVENTED.test(name) && !existsSync(join(PROJECT_ROOT, name)))
    expect(broken).toEqual([])
  })
})
