// A raw JSON object becomes a record, or a reason why it cannot. The rules are those by which training/ reads its rows, and
// stricter: what would be learnt as an answer has words.
import { leadsOut } from './clip-path.ts'
import { type Problem, problemAt, type Reason } from './left-out.ts'
import { type ClipKind, type DataRecord, MARKS, type RecordClip, type RecordTurn } from './record.ts'

/** Where a raw record stands. */
export interface Place {
  readonly file: string
  readonly row: number
}

/** Where a clip is: its path below the folder of clips, and the source that the record names or its layout implies. */
export interface ClipPath {
  readonly path: string
  readonly source: string | null
}

/** How the names of clips become paths. @param source that the record names */
export type PathRule = (kind: ClipKind, name: string, source: string | null) => ClipPath

const OWN_KEYS = new Set(['id', 'video', 'image', 'source', 'conversations'])
const ROLES = ['human', 'gpt'] as const

/** A check that failed; never leaves this file. */
class WrongRecord extends Error {
  readonly reason: Reason
  readonly seen: unknown

  constructor(reason: Reason, seen: unknown) {
    super(reason)
    this.reason = reason
    this.seen = seen
  }
}

/** Reads one record. @param pathRule of the layout that the file has */
export function readRecord(
  raw: unknown,
  place: Place,
  pathRule: PathRule,
): { item: DataRecord } | { problem: Problem } {
  try {
    return { item: checkRecord(raw, place, pathRule) }
  } catch (error) {
    if (!(error instanceof WrongRecord)) throw error
    return { problem: problemAt(place.file, place.row, error.reason, error.seen) }
  }
}

function checkRecord(raw: unknown, { row }: Place, pathRule: PathRule): DataRecord {
  if (!isObject(raw)) throw new WrongRecord('not-json', raw)
  const named = typeof raw.source === 'string' && raw.source !== '' ? raw.source : null
  const { clip, source } = readClip(raw, named, pathRule)
  const turns = readTurns(raw.conversations)
  const id = typeof raw.id === 'string' || typeof raw.id === 'number' ? String(raw.id) : `row-${row}`
  if (id.includes('\0')) throw new WrongRecord('nul-byte', id)
  const extra = Object.fromEntries(Object.entries(raw).filter(([key]) => !OWN_KEYS.has(key)))
  return { id, clip, source, turns: withMark(turns, clip), extra }
}

function readClip(
  raw: Record<string, unknown>,
  named: string | null,
  pathRule: PathRule,
): Pick<DataRecord, 'clip' | 'source'> {
  const kinds = (['video', 'image'] as const).filter((kind) => isGiven(raw[kind]))
  if (kinds.length === 2) throw new WrongRecord('two-clips', { video: raw.video, image: raw.image })
  const [kind] = kinds
  if (kind === undefined) return { clip: null, source: named }
  const value = raw[kind]
  const names: readonly unknown[] = Array.isArray(value) && kind === 'image' ? value : [value]
  const paths = names.map((name) => {
    if (typeof name !== 'string' || name === '') throw new WrongRecord('bad-clip', value)
    if (name.includes('\0')) throw new WrongRecord('nul-byte', name)
    const { path, source } = pathRule(kind, name.replaceAll('\\', '/'), named)
    if (leadsOut(path)) throw new WrongRecord('bad-clip', name)
    return { path, source }
  })
  return { clip: { kind, files: paths.map(({ path }) => path) }, source: paths[0]!.source }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
}

function readTurns(conversations: unknown): RecordTurn[] {
  if (!Array.isArray(conversations) || conversations.length === 0 || conversations.length % 2 === 1) {
    throw new WrongRecord('no-conversation', conversations)
  }
  const texts = conversations.map((entry: unknown, index) => readText(entry, ROLES[index % 2]!))
  return texts.flatMap((question, index) => (index % 2 === 0 ? [{ question, answer: texts[index + 1]! }] : []))
}

function readText(entry: unknown, wanted: (typeof ROLES)[number]): string {
  if (!isObject(entry)) throw new WrongRecord('no-conversation', entry)
  const said = typeof entry.from === 'string' ? entry.from.toLowerCase() : entry.from
  if (said !== wanted) throw new WrongRecord('unknown-role', entry.from)
  const { value } = entry
  if (typeof value !== 'string') throw new WrongRecord('no-conversation', entry)
  if (value.includes('\0')) throw new WrongRecord('nul-byte', value)
  if (value.trim() === '') throw new WrongRecord(wanted === 'human' ? 'empty-question' : 'empty-answer', value)
  return value
}

/** The clip's mark in exactly one question; at the end of the first where none has it. */
function withMark(turns: readonly RecordTurn[], clip: RecordClip | null): readonly RecordTurn[] {
  for (const [kind, mark] of Object.entries(MARKS)) {
    const count = turns.reduce((sum, { question }) => sum + question.split(mark).length - 1, 0)
    if (count > 0 && kind !== clip?.kind) throw new WrongRecord('wrong-mark', mark)
    if (count > 1) throw new WrongRecord('two-marks', mark)
    if (count === 1) return turns
  }
  if (clip === null) return turns
  const [first, ...rest] = turns
  return [{ ...first!, question: `${first!.question}\n${MARKS[clip.kind]}` }, ...rest]
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
