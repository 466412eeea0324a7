// A YAML text checked whole against a schema, so that everything wrong with it is told at once, each with its line. The
// settings file and the moderation policies are both read by it.
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { redactTokens } from '../redact.ts'
import { nearestKey } from './nearest-key.ts'
import type { Problem } from './problem.ts'
import { describeAllowed, keyPaths, type SchemaNode, schemaAt } from './schema-node.ts'

/** What a text is checked against. */
export interface YamlForm<Value> {
  readonly schema: z.ZodType<Value>
  /** The same as JSON schema: what messages say of a key. */
  readonly jsonSchema: SchemaNode
  /** Said of a key of a map that is not written as it should be. */
  readonly keyRule?: string
}

/** The value, or null and what is wrong with it. */
export interface CheckedYaml<Value> {
  readonly value: Value | null
  /** As it was written, before defaults; undefined when it is not YAML. */
  readonly written: unknown
  readonly problems: readonly Problem[]
}

type Issue = z.core.$ZodIssue

/** No hand-written file comes near it. */
const MAX_CHARACTERS = 1024 * 1024
const SHOWN_VALUE_CHARACTERS = 60
const LOOKS_LIKE_A_SECRET = /token|secret|password/i

/** Checks a text; never throws. An empty text is an empty group. @param shownPath its path as people know it */
export function checkYaml<Value>(text: string, shownPath: string, form: YamlForm<Value>): CheckedYaml<Value> {
  const failed = (said: string) => ({
    value: null,
    written: undefined,
    problems: [{ place: shownPath, key: '', text: said }],
  })
  if (text.length > MAX_CHARACTERS) {
    return failed(`it has ${text.length} characters; at most ${MAX_CHARACTERS} are read`)
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
    return { value: null, written: undefined, problems }
  }
  let written: unknown
  try {
    written = withoutEmptyGroups(exactNumbers(document.toJS()), form.jsonSchema)
  } catch (error) {
    // Aliases that unfold into more than the library allows.
    return failed(`it cannot be unfolded (${String(error)}); write it without aliases`)
  }
  const parsed = form.schema.safeParse(written)
  if (parsed.success) return { value: parsed.data, written, problems: [] }
  const found = parsed.error.issues
    .flatMap((issue) => explain(issue, written, form))
    .map((explained) => ({ ...explained, offset: offsetOf(document, explained.path) }))
    .sort((a, b) => a.offset - b.offset)
  const problems = found.map(({ path, offset, text: said }) => ({
    place: placeOf(offset),
    key: path.join('.'),
    text: said,
  }))
  return { value: null, written, problems }
}

/** Finds what stands at a place of a value; undefined when nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return found
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
function explain<Value>(
  issue: Issue,
  value: unknown,
  { jsonSchema, keyRule }: YamlForm<Value>,
): { readonly path: readonly PropertyKey[]; readonly text: string }[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], text: explainUnknown(key, path, jsonSchema) }))
  }
  if (issue.code === 'invalid_key') return [{ path, text: keyRule ?? issue.message }]
  const seen = `it is ${shown(valueAt(value, path))}`
  // A rule of our own says by itself what is allowed.
  if (issue.code === 'custom') return [{ path, text: `${seen}; ${issue.message}` }]
  const node = schemaAt(path, jsonSchema)
  return [{ path, text: `${seen}; ${node === null ? issue.message : `allowed is ${describeAllowed(node)}`}` }]
}

function explainUnknown(key: string, parent: readonly PropertyKey[], jsonSchema: SchemaNode): string {
  if (LOOKS_LIKE_A_SECRET.test(key)) {
    return 'secrets do not belong in this file; set DISCORD_TOKEN or the SLACK_ variables in the environment, and drop it here'
  }
  const siblings = Object.keys(schemaAt(parent, jsonSchema)?.properties ?? {})
  const near = nearestKey(key, siblings)
  const prefix = parent.map((part) => `${String(part)}.`).join('')
  if (near !== null) return `there is no such key; did you mean ${prefix}${near}?`
  const elsewhere = keyPaths(jsonSchema).find((known) => known.endsWith(`.${key}`) || known === key)
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

/** A value in a few characters, and never a secret that landed in the wrong place. */
function shown(value: unknown): string {
  const text = redactTokens(JSON.stringify(value) ?? 'missing')
  return text.length > SHOWN_VALUE_CHARACTERS ? `${text.slice(0, SHOWN_VALUE_CHARACTERS)}…` : text
}
