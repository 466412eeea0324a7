// A row of a table of clips, by the names that people and published tables give their columns.
import { leadsOut } from '../clip-path.ts'
import { type Problem, problemAt } from '../left-out.ts'
import { isObject } from '../read-record.ts'

/** A sentence about a stretch of a clip. */
export interface TimedSentence {
  readonly startSeconds: number
  readonly endSeconds: number
  readonly text: string
}

/** A clip and what is known of it. */
export interface ClipRow {
  readonly file: string
  readonly row: number
  readonly id: string
  /** Path below the folder of clips. */
  readonly clip: string
  /** Where the clip can be had, when the row says it. */
  readonly url: string | null
  readonly caption: string
  readonly title: string | null
  readonly sentences: readonly TimedSentence[]
  /** Objects with their boxes, in whatever form the table has them. */
  readonly objects: unknown
  readonly durationSeconds: number | null
  readonly source: string | null
  readonly licence: string | null
  readonly language: string | null
}

/** A row as its table has it. */
export interface RawRow {
  readonly row: number
  readonly values: Readonly<Record<string, unknown>>
}

/** Names of each column, compared without case, signs and blanks. The first that a row fills counts. */
export const COLUMN_NAMES = {
  id: ['id', 'clip_id', 'video_id', 'videoid'],
  clip: ['clip', 'video', 'file', 'file_name', 'path', 'video_path'],
  url: ['url', 'contentUrl', 'video_url'],
  // WebVid calls its caption "name".
  caption: ['caption', 'text', 'description', 'sentence', 'name'],
  title: ['title'],
  sentences: ['sentences', 'segments'],
  objects: ['objects', 'boxes'],
  duration: ['duration', 'duration_seconds', 'length'],
  source: ['source'],
  licence: ['licence', 'license'],
  language: ['language', 'lang'],
  pageFolder: ['page_dir'],
} as const

type Column = keyof typeof COLUMN_NAMES
type Columns = Partial<Record<Column, readonly string[]>>

/** Finds columns in the rows of one table. */
export function clipRowReader(file: string): (raw: RawRow) => { item: ClipRow } | { problem: Problem } {
  // Rows of one table have the same names, so they are looked up once for each set of names.
  let lastNames = ''
  let columns: Columns = {}
  const find = (values: RawRow['values'], column: Column): unknown => {
    for (const name of columns[column] ?? []) {
      const value = values[name]
      if (value !== null && value !== undefined && value !== '') return value
    }
    return undefined
  }
  return ({ row, values }) => {
    const names = Object.keys(values)
    const joined = names.join('\n')
    if (joined !== lastNames) {
      lastNames = joined
      columns = columnsAmong(names)
    }
    const text = (column: Column): string | null => {
      const value = find(values, column)
      return value === undefined || typeof value === 'object' ? null : String(value).trim() || null
    }
    const caption = text('caption')
    const clipOrUrl = text('clip')
    const url = text('url') ?? (isUrl(clipOrUrl) ? clipOrUrl : null)
    const id = text('id')
    const clip = isUrl(clipOrUrl) || clipOrUrl === null ? downloadedName(id, url, text('pageFolder')) : clipOrUrl
    const texts = [caption, clip, id, text('title')].filter((one) => one !== null)
    const withNul = texts.find((one) => one.includes('\0'))
    if (withNul !== undefined) return { problem: problemAt(file, row, 'nul-byte', withNul) }
    if (caption === null) return { problem: problemAt(file, row, 'no-caption', values) }
    if (clip === null) return { problem: problemAt(file, row, 'no-clip', values) }
    if (leadsOut(clip)) return { problem: problemAt(file, row, 'bad-clip', clip) }
    return {
      item: {
        ...{ file, row, id: id ?? clip.replace(/\.[^./]+$/, ''), clip, url, caption },
        title: text('title'),
        sentences: readSentences(find(values, 'sentences')),
        objects: parsed(find(values, 'objects')) ?? null,
        durationSeconds: readDuration(find(values, 'duration')),
        source: text('source'),
        licence: text('licence'),
        language: text('language'),
      },
    }
  }
}

function columnsAmong(names: readonly string[]): Columns {
  const entries = Object.entries(COLUMN_NAMES).map(([column, known]) => {
    const found = known.flatMap((wanted) => names.filter((name) => plainName(name) === plainName(wanted)))
    return [column, found]
  })
  return Object.fromEntries(entries)
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

function isUrl(text: string | null): text is string {
  return text !== null && /^https?:\/\//i.test(text)
}

/** Where WebVid's own downloader puts a clip, and everyone since: `page_dir/videoid.mp4`. */
function downloadedName(id: string | null, url: string | null, pageFolder: string | null): string | null {
  if (url === null || id === null) return url === null ? null : fileNameOf(url)
  const file = `${id.replaceAll('/', '_')}.mp4`
  return pageFolder === null ? file : `${pageFolder}/${file}`
}

function fileNameOf(url: string): string | null {
  return URL.canParse(url) ? (new URL(url).pathname.split('/').findLast((part) => part !== '') ?? null) : null
}

/** Seconds, from a number or from the ISO form that WebVid has, `PT00H00M08S`. */
export function readDuration(value: unknown): number | null {
  if (value === undefined || value === null) return null
  const iso = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(String(value))
  const seconds = iso
    ? Number(iso[1] ?? 0) * 3600 + Number(iso[2] ?? 0) * 60 + Number(iso[3] ?? 0)
    : Number(String(value).replace(/s$/, ''))
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null
}

/** Timed sentences: objects with start, end and text, or ActivityNet's pair of `timestamps` and `sentences`. */
function readSentences(value: unknown): TimedSentence[] {
  const list = parsed(value)
  if (!Array.isArray(list)) return []
  return list.flatMap((entry: unknown) => {
    if (!isObject(entry)) return []
    const [start, end] = Array.isArray(entry.timestamp) ? entry.timestamp : [entry.start, entry.end]
    const text = entry.text ?? entry.sentence ?? entry.caption
    const times = [Number(start), Number(end)] as const
    const isWhole = typeof text === 'string' && text.trim() !== '' && times.every(Number.isFinite)
    return isWhole ? [{ startSeconds: times[0], endSeconds: times[1], text: text.trim() }] : []
  })
}

/** In tables of text lists are JSON within a cell. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
