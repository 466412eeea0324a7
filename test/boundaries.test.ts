// The house's rules, held as data against the sources: who may import whom, who owns which heavy dependency, how long a
// file may be, and that every exported symbol is described. docs/architecture.md gives the reasons.
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../src/errors.ts'
import { findUndocumentedExports } from './helpers/docstrings.ts'
import { findCycle, type Import, readImports } from './helpers/imports.ts'
import { readSources } from './helpers/source-files.ts'

const EVERYTHING = ['src', 'adapters']
const LEAVES = [
  'src/errors.ts',
  'src/logger.ts',
  'src/assert.ts',
  'src/open-port.ts',
  'src/trace.ts',
  'src/retry.ts',
  'src/process-end.ts',
  'src/start-worker.ts',
]

/**
 * For each room what it may import besides itself and Node's own modules. A target is a folder or a file; `type:` allows
 * only `import type`. The longest key that a path begins with is its room.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'adapters/index.ts': [
    'adapters',
    'src/conversation',
    'type:src/config',
    'type:src/moderation/platform',
    'type:src/storage',
    ...LEAVES,
  ],
  'adapters/checks.ts': ['adapters', 'src/conversation', 'type:src/config', ...LEAVES],
  'adapters/discord': ['src/conversation', 'src/moderation/platform', 'src/moderation/texts', ...LEAVES],
  'adapters/slack': ['src/conversation', 'src/moderation/platform', 'src/moderation/texts', ...LEAVES],
  'adapters/terminal': ['src/conversation', ...LEAVES],
  'src/conversation': LEAVES,
  'src/storage': ['src/conversation', 'type:src/moderation', 'src/moderation/watch/counted-looks.ts', ...LEAVES],
  'src/cluster': [
    'src/conversation',
    'src/storage',
    'type:src/moderation',
    'src/moderation/watch/counted-looks.ts',
    ...LEAVES,
  ],
  'src/answering': ['src/conversation', 'src/video', 'src/engine', 'src/model-package', ...LEAVES],
  'src/video': LEAVES,
  'src/engine': ['src/valley', 'src/onnx', 'src/model-package', 'type:src/video/frame.ts', ...LEAVES],
  'src/valley': ['src/onnx', 'src/model-package', 'type:src/video/frame.ts', 'src/errors.ts', 'src/assert.ts'],
  'src/onnx': ['src/errors.ts', 'src/assert.ts'],
  'src/model-package': ['src/errors.ts', 'src/assert.ts'],
  'src/model-build': ['src/model-package', 'src/valley', 'src/onnx', ...LEAVES],
  'src/model-import': ['src/model-build', 'src/model-package', 'src/valley', 'src/errors.ts', 'src/assert.ts'],
  'src/model-hub': ['src/model-package/file-name.ts', 'src/errors.ts', 'src/assert.ts', 'src/retry.ts'],
  'src/moderation': [
    'src/config/check-yaml.ts',
    'src/config/problem.ts',
    'type:src/config/schema-node.ts',
    'type:src/engine/engine-api.ts',
    'src/video',
    'src/conversation',
    'src/statistics',
    ...LEAVES,
  ],
  'src/monitoring': ['src/conversation', ...LEAVES],
  'src/language-model': LEAVES,
  'src/evaluation': [
    'src/conversation',
    'src/language-model',
    'src/statistics',
    'src/video/clock-digits.ts',
    ...LEAVES,
  ],
  'src/statistics': ['src/valley/random.ts'],
  'src/data': [
    'src/config/check-yaml.ts',
    'src/config/problem.ts',
    'type:src/config/schema-node.ts',
    'src/language-model',
    'src/statistics',
    ...LEAVES,
  ],
  'src/config': ['src/errors.ts', 'src/redact.ts'],
  'src/setup': [],
  'src/commands': EVERYTHING,
  'src/cli.ts': EVERYTHING,
  'src/main.ts': EVERYTHING,
  'src/errors.ts': [],
  'src/assert.ts': [],
  'src/logger.ts': ['src/errors.ts', 'src/redact.ts', 'src/trace.ts'],
  'src/open-port.ts': ['src/errors.ts'],
  'src/retry.ts': ['src/errors.ts'],
  'src/trace.ts': [],
  'src/process-end.ts': [],
  'src/start-worker.ts': [],
  'src/redact.ts': [],
}

/** Every package that the sources use, and the rooms that alone may import it. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['src/onnx'],
  'fluent-ffmpeg': ['src/video'],
  'file-type': ['src/video'],
  sharp: ['src/video', 'src/moderation', 'src/evaluation'],
  zod: [
    'src/config',
    'src/model-package',
    'src/model-build',
    'src/model-hub',
    'src/language-model',
    'src/evaluation',
    'src/moderation',
    'src/data',
  ],
  protobufjs: ['src/model-build'],
  '@huggingface/hub': ['src/model-hub'],
  '@huggingface/tokenizers': ['src/valley'],
  '@huggingface/jinja': ['src/valley'],
  commander: ['src/cli.ts', 'src/commands'],
  yaml: ['src/config', 'src/commands'],
  'discord.js': ['adapters/discord'],
  '@slack/bolt': ['adapters/slack'],
  pino: ['src/logger.ts'],
  fzstd: ['src/data'],
  hyparquet: ['src/data'],
  'hyparquet-writer': ['src/data'],
  bullmq: ['src/cluster'],
  ioredis: ['src/cluster'],
  '@keyv/redis': ['src/cluster'],
  keyv: ['src/storage', 'src/cluster'],
  libsql: ['src/storage'],
  'prom-client': ['src/monitoring'],
}

/** Besides reading settings, one file sets a variable for a native library, and one looks where such a library looks. */
const MAY_READ_ENVIRONMENT = [
  'src/config',
  'src/setup',
  'src/onnx/telemetry-off.ts',
  'src/onnx/devices/vulkan-drivers.ts',
]
const MAX_LINES = 400

const sources = readSources('src', 'adapters')
const imports = sources.flatMap(readImports)

/** True when the path is the file or lies in the folder. */
function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}

function roomOf(path: string): string | undefined {
  return Object.keys(MAY_IMPORT)
    .filter((room) => isIn(path, room))
    .sort((a, b) => b.length - a.length)[0]
}

function isOfProject({ target }: Import): boolean {
  return isIn(target, 'src') || isIn(target, 'adapters')
}

function isAllowed({ from, target, isTypeOnly }: Import): boolean {
  const room = roomOf(from)
  if (room === undefined) return false
  if (isIn(target, room)) return true
  return MAY_IMPORT[room]!.some((allowed) =>
    allowed.startsWith('type:') ? isTypeOnly && isIn(target, allowed.slice('type:'.length)) : isIn(target, allowed),
  )
}

describe('imports', () => {
  it('come from files that each belong to a room', () => {
    expect(sources.map(({ path }) => path).filter((path) => roomOf(path) === undefined)).toEqual([])
  })

  it('go only where the table allows', () => {
    const forbidden = imports.filter((one) => isOfProject(one) && !isAllowed(one))
    expect(forbidden.map(({ from, target }) => `${from} imports ${target}`)).toEqual([])
  })

  it('name files that exist', () => {
    const paths = new Set(sources.map(({ path }) => path))
    // dist/ is built from the sources, so the setup may name it.
    const missing = imports.filter((one) => isOfProject(one) && !paths.has(one.target))
    expect(missing.map(({ from, target }) => `${from} imports ${target}`)).toEqual([])
  })

  it('take each package from the rooms that own it', () => {
    const foreign = imports.filter((one) => !isOfProject(one) && !one.target.startsWith('node:'))
    const wrong = foreign.filter(({ from, target }) => !(PACKAGE_OWNERS[target] ?? []).some((room) => isIn(from, room)))
    expect(wrong.map(({ from, target }) => `${from} imports ${target}`)).toEqual([])
  })

  it('form no cycle between files', () => {
    expect(findCycle(imports)).toBeNull()
  })

  it('pass through no barrel', () => {
    // The one index is a table of platforms, not a list of what others export.
    const barrels = sources.map(({ path }) => path).filter((path) => /(^|\/)index\.(ts|mjs)$/.test(path))
    expect(barrels).toEqual(['adapters/index.ts'])
  })
})

describe('sources', () => {
  it('read process.env only where settings are read', () => {
    const readers = sources.filter(({ text }) => /\bprocess\s*\.\s*env\b|\benv\b.*from 'node:process'/.test(text))
    const elsewhere = readers.filter(({ path }) => !MAY_READ_ENVIRONMENT.some((room) => isIn(path, room)))
    expect(elsewhere.map(({ path }) => path)).toEqual([])
  })

  it(`have at most ${MAX_LINES} lines a file`, () => {
    const long = [...sources, ...readSources('test')].filter(({ text }) => text.split('\n').length - 1 > MAX_LINES)
    expect(long.map(({ path }) => path)).toEqual([])
  })

  it('describe every exported symbol', () => {
    expect(sources.flatMap(findUndocumentedExports)).toEqual([])
  })

  it('raise every error code somewhere', () => {
    const raising = sources.filter(({ path }) => path !== 'src/errors.ts' && !isIn(path, 'src/conversation/texts'))
    const codes = Object.values(ERROR_CODES).flat()
    expect(codes.filter((code) => !raising.some(({ text }) => text.includes(`'${code}'`)))).toEqual([])
  })

  it('put nothing off and silence no type check', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|\bas any\b/
    const marked = [...sources, ...readSources('test')].filter(
      ({ path, text }) => path !== 'test/boundaries.test.ts' && marks.test(text),
    )
    expect(marked.map(({ path }) => path)).toEqual([])
  })
})
