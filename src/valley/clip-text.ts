// How a clip is written in the prompt by families whose chat template puts a mark where it belongs: the mark gives way to a
// text with a placeholder for each visual token, and the placeholders are found again among the prompt's token ids.
import type { ClipText } from '../model-package/manifest.ts'
import { clockTime, hoursMinutesSeconds, numberInWords } from './number-words.ts'
import { mismatch, type PromptToken } from './placeholders.ts'
import type { ClipGroups, VisualTokens } from './visual-tokens.ts'

/** The texts of both kinds of clips, from the manifest. */
export type ClipTexts = Readonly<Record<'video' | 'image', ClipText>>

/** Groups of a clip's rows that one mark stands for: all of them, or those of one frame. */
export interface MarkedGroups {
  readonly clip: VisualTokens
  readonly text: ClipText
  /** Indices of the groups. */
  readonly groups: readonly number[]
}

/** What the chat template's marks for a clip stand for, in order. */
export function marksOf(clip: VisualTokens, texts: ClipTexts): MarkedGroups[] {
  const { kind, counts } = groupsOf(clip)
  const text = texts[kind]
  const groups = counts.map((_, index) => index)
  return text.each === 'clip' ? [{ clip, text, groups }] : groups.map((index) => ({ clip, text, groups: [index] }))
}

/**
 * Puts the clips' texts in place of their marks. Marks of one spelling stand for clips in the order of the conversation;
 * templates may put pictures before videos, so each spelling counts for itself.
 * @param prompt the rendered template; whoever spoke, no mark in it is theirs
 * @returns the text, and what its placeholders stand for in the text's order
 * @throws AppError PLACEHOLDER_MISMATCH when there are more or fewer marks than the clips need
 */
export function replaceMarks(prompt: string, marked: readonly MarkedGroups[]): { text: string; shown: MarkedGroups[] } {
  const waiting = new Map<string, MarkedGroups[]>()
  for (const one of marked) waiting.set(one.text.mark, [...(waiting.get(one.text.mark) ?? []), one])
  const shown: MarkedGroups[] = []
  let text = ''
  let rest = prompt
  for (;;) {
    const found = firstMark(rest, [...waiting.keys()])
    if (found === null) break
    const next = waiting.get(found.mark)!.shift()
    if (next === undefined) throw mismatch(text.length, `a mark ${found.mark} has no clip`, marked.length)
    shown.push(next)
    text += rest.slice(0, found.at) + textOf(next)
    rest = rest.slice(found.at + found.mark.length)
  }
  if (shown.length < marked.length) {
    throw mismatch(prompt.length, `the chat template wrote ${shown.length} of ${marked.length} marks`, marked.length)
  }
  return { text: text + rest, shown }
}

/**
 * Gives each placeholder its visual token.
 * @param shown what the placeholders stand for, in the text's order
 * @throws AppError PLACEHOLDER_MISMATCH when ids and rows do not match one to one
 */
export function placeGroups(ids: readonly number[], shown: readonly MarkedGroups[], texts: ClipTexts): PromptToken[] {
  const placeholderIds = new Set(Object.values(texts).map(({ placeholder }) => placeholder.id))
  const rows = shown.flatMap(rowsOf)
  let used = 0
  const placed = ids.map((id, position): PromptToken => {
    if (!placeholderIds.has(id)) return { id, visual: null }
    const row = rows[used++]
    if (row?.id === id) return row
    throw mismatch(position, `placeholder ${used} belongs to no row of its clip`, shown.length)
  })
  if (used < rows.length) throw mismatch(ids.length, `${rows.length} rows have ${used} placeholders`, shown.length)
  return placed
}

function rowsOf({ clip, text, groups }: MarkedGroups): PromptToken[] {
  const { counts } = groupsOf(clip)
  return groups.flatMap((group) => {
    const first = counts.slice(0, group).reduce((sum, count) => sum + count, 0)
    return Array.from({ length: counts[group]! }, (_, index) => ({
      id: text.placeholder.id,
      visual: { clip, row: first + index },
    }))
  })
}

function textOf({ clip, text, groups }: MarkedGroups): string {
  const { counts, timesSeconds, tiles } = groupsOf(clip)
  const duration = timesSeconds.at(-1) ?? 0
  const around = (words: string) =>
    words
      .replace('{frames}', () => numberInWords(timesSeconds.length))
      .replace('{count}', () => String(timesSeconds.length))
      .replace('{duration}', () => hoursMinutesSeconds(duration))
      .replace('{seconds}', () => duration.toFixed(2))
      .replace('{times}', () => timesSeconds.map((seconds) => `${seconds.toFixed(2)}s`).join(','))
  const [opening, closing] = [around(text.opening), around(text.closing)]
  const write = (piece: string, group: number, values: Record<string, string> = {}) =>
    Object.entries(values)
      .reduce((written, [key, value]) => written.replace(`{${key}}`, value), piece)
      .replace('{tokens}', () => text.placeholder.text.repeat(counts[group]!))
  if (tiles !== undefined && text.tiles !== undefined) {
    const { piece, rowEnd, beforeWhole } = text.tiles
    const rows = Array.from({ length: tiles.rows }, (_, row) =>
      Array.from({ length: tiles.columns }, (__, column) =>
        write(piece, row * tiles.columns + column, { row: String(row + 1), column: String(column + 1) }),
      ).join(''),
    )
    const parts = rows.map((row) => row + rowEnd).join('')
    return opening + parts + beforeWhole + write(text.piece, tiles.rows * tiles.columns) + closing
  }
  const pieces = groups.map((group, index) =>
    write(text.piece, group, { number: String(index + 1), time: clockTime(timesSeconds[group] ?? 0) }),
  )
  return opening + pieces.join(text.separator) + closing
}

function firstMark(text: string, marks: readonly string[]): { mark: string; at: number } | null {
  const places = marks.map((mark) => ({ mark, at: text.indexOf(mark) })).filter(({ at }) => at !== -1)
  return places.sort((a, b) => a.at - b.at)[0] ?? null
}

function groupsOf(clip: VisualTokens): ClipGroups {
  if (clip.groups !== undefined) return clip.groups
  throw mismatch(0, `clip ${clip.key} was encoded by a model of another family`, 1)
}
