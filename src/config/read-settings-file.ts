// The settings file: YAML, checked whole, so that everything wrong with it is told at once, each with its line.
import { readFileSync } from 'node:fs'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { redactTokens } from '../redact.ts'
import { describeAllowed, keyPaths, type SchemaNode, SETTINGS_JSON_SCHEMA, schemaAt } from './json-schema.ts'
import { nearestKey } from './nearest-key.ts'
import type { Problem } from './problem.ts'
import { type Settings, settingsSchema } from './settings-schema.ts'

/** The settings, or null and what is wrong with them. */
export interface ReadSettings {
  readonly settings: Settings | null
  /** The keys of the first level that are in order by themselves, with their defaults; all of them when nothing is wrong. */
  readonly sound: Partial<Settings>
  readonly problems: readonly Problem[]
}

type Issue = z.core.$ZodIssue

/** No hand-written file comes near it. */
const MAX_FILE_BYTES = 1024 * 1024
const SHOWN_VALUE_CHARACTERS = 60
const LOOKS_LIKE_A_SECRET = /token|secret|password/i

/** Reads and checks a file; never throws. @param shownPath the path as people know it, for the problems */
export function readSettingsFile(file: string, shownPath = file): ReadSettings {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const seen = error instanceof Error && 'code' in error ? error.code : error
    const remedy = 'name a file that is there and may be read; "valley config example" prints one to begin with'
    return failed({ place: shownPath, key: '', text: `it cannot be read (${seen}); ${remedy}` })
  }
  return parseSettings(text, shownPath)
}

/** Checks the text of a settings file; an empty one is all defaults. */
export function parseSettings(text: string, shownPath: string): ReadSettings {
  if (text.length > MAX_FILE_BYTES) {
    return failed({
      place: shownPath,
      key: '',
      text: `it has ${text.length} characters; at most ${MAX_FILE_BYTES} are read`,
    })
  }
  const lines = new LineCounter()
  // Ids on Discord have more digits than a number in JavaScript holds exactly.
  const document = parseDocument(text, { lineCounter: lines, intAsBigInt: true, prettyErrors: false })
  const placeOf = (offset: number) => `${shownPath}:${lines.linePos(offset).line}:${lines.linePos(offset).col}`
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message, pos }) => {
      const said = redactTokens(message.replace(/\s+/g, ' ').replace(/\.$/, ''))
      return { place: placeOf(pos[0]), key: '', text: `it is not YAML: ${said}; correct that line` }
    })
    return { settings: null, sound: {}, problems }
  }
  let value: unknown
  try {
    value = withoutEmptyGroups(exactNumbers(document.toJS()), SETTINGS_JSON_SCHEMA)
  } catch (error) {
    // Aliases that unfold into more than the library allows.
    return failed({
      place: shownPath,
      key: '',
      text: `it cannot be unfolded (${String(error)}); write it without aliases`,
    })
  }
  const parsed = settingsSchema.safeParse(value)
  if (parsed.success) return { settings: parsed.data, sound: parsed.data, problems: [] }
  const found = parsed.error.issues
    .flatMap((issue) => explain(issue, value))
    .map((explained) => ({ ...explained, offset: offsetOf(document, explained.path) }))
    .sort((a, b) => a.offset - b.offset)
  const problems = found.map(({ path, offset, text: said }) => ({
    place: placeOf(offset),
    key: path.join('.'),
    text: said,
  }))
  return { settings: null, sound: soundKeys(value), problems }
}

function failed(problem: Problem): ReadSettings {
  return { settings: null, sound: {}, problems: [problem] }
}

/** What can be looked at further although another key is wrong, so that all problems are told at once. */
function soundKeys(value: unknown): Partial<Settings> {
  const entries = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(valueAt(value, [key]))
    return parsed.success ? [[key, parsed.data]] : []
  })
  return Object.fromEntries(entries)
}

/** Integers that a number holds exactly become numbers, the others text with all their digits. */
function exactNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (Array.isArray(value)) return value.map(exactNumbers)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, exactNumbers(child)]))
}

/** A group of keys that were all left out is written as nothing, which YAML reads as null. */
function withoutEmptyGroups(value: unknown, node: SchemaNode): unknown {
  if (value === null && node.type === 'object') return {}
  if (typeof value !== 'object' || value === null || node.type !== 'object') return value
  const children = Object.entries(value).map(([key, child]) => {
    const childNode = schemaAt([key], node)
    return [key, childNode === null ? child : withoutEmptyGroups(child, childNode)]
  })
  return Array.isArray(value) ? value : Object.fromEntries(children)
}

/** What an issue says in words, for each key that it names. */
function explain(issue: Issue, value: unknown): { readonly path: readonly PropertyKey[]; readonly text: string }[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], text: explainUnknown(key, path) }))
  }
  if (issue.code === 'invalid_key') {
    return [
      { path, text: 'a channel is named by platform and id; write e.g. "discord:1234567890" or "slack:C0123456789"' },
    ]
  }
  const node = schemaAt(path)
  const allowed = node === null ? issue.message : `allowed is ${describeAllowed(node)}`
  return [{ path, text: `it is ${shown(valueAt(value, path))}; ${allowed}` }]
}

function explainUnknown(key: string, parent: readonly PropertyKey[]): string {
  if (LOOKS_LIKE_A_SECRET.test(key)) {
    return 'secrets do not belong in this file; set DISCORD_TOKEN or the SLACK_ variables in the environment, and drop it here'
  }
  const siblings = Object.keys(schemaAt(parent)?.properties ?? {})
  const near = nearestKey(key, siblings)
  const prefix = parent.map((part) => `${String(part)}.`).join('')
  if (near !== null) return `there is no such key; did you mean ${prefix}${near}?`
  const elsewhere = keyPaths(SETTINGS_JSON_SCHEMA).find((known) => known.endsWith(`.${key}`) || known === key)
  if (elsewhere !== undefined) return `there is no such key here; did you mean ${elsewhere}?`
  return `there is no such key; known here are ${siblings.join(', ')}`
}

/** Where the key stands, else the innermost group around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return found
}

/** A value in a few characters, and never a secret that landed in the wrong place. */
function shown(value: unknown): string {
  const text = redactTokens(JSON.stringify(value) ?? 'missing')
  return text.length > SHOWN_VALUE_CHARACTERS ? `${text.slice(0, SHOWN_VALUE_CHARACTERS)}…` : text
}
