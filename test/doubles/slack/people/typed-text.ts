// What Slack's own client makes of the words that a person types: names become mentions, addresses become links.
import type { Json } from '../json.ts'
import type { Workspace } from '../world/workspace.ts'

const PIECE = /<[@#!][^>]+>|https?:\/\/[^\s<>]+|(?<!\w)@[\w.-]*\w/g

interface TypedPiece {
  readonly kind: 'text' | 'user' | 'link' | 'token'
  readonly value: string
}

/** The message's text and its rich-text block. @param typed e.g. `@valley what is this?` */
export function typedText(workspace: Workspace, typed: string): { readonly text: string; readonly blocks: Json[] } {
  const pieces = piecesOf(workspace, typed)
  const text = pieces.map(textOf).join('')
  const elements = pieces.map(elementOf)
  const section = { type: 'rich_text_section', elements }
  return { text, blocks: elements.length === 0 ? [] : [{ type: 'rich_text', elements: [section] }] }
}

function piecesOf(workspace: Workspace, typed: string): TypedPiece[] {
  const pieces: TypedPiece[] = []
  let end = 0
  for (const match of typed.matchAll(PIECE)) {
    const piece = pieceOf(workspace, match[0])
    if (piece === null) continue
    if (match.index > end) pieces.push({ kind: 'text', value: typed.slice(end, match.index) })
    pieces.push(piece)
    end = match.index + match[0].length
  }
  if (end < typed.length) pieces.push({ kind: 'text', value: typed.slice(end) })
  return pieces
}

function pieceOf(workspace: Workspace, typed: string): TypedPiece | null {
  if (typed.startsWith('http')) return { kind: 'link', value: typed }
  if (typed.startsWith('<@')) return { kind: 'user', value: typed.slice(2, -1) }
  if (typed.startsWith('<')) return { kind: 'token', value: typed }
  const name = typed.slice(1).toLowerCase()
  if (name === 'channel' || name === 'here' || name === 'everyone') return { kind: 'token', value: `<!${name}>` }
  const member = [...workspace.members.values()].find((one) => one.name.toLowerCase() === name)
  return member === undefined ? null : { kind: 'user', value: member.id }
}

function textOf({ kind, value }: TypedPiece): string {
  if (kind === 'user') return `<@${value}>`
  if (kind === 'link') return `<${escaped(value)}>`
  return kind === 'token' ? value : escaped(value)
}

function elementOf({ kind, value }: TypedPiece): Json {
  if (kind === 'user') return { type: 'user', user_id: value }
  if (kind === 'link') return { type: 'link', url: value }
  return { type: 'text', text: value }
}

/** Slack's three escapes. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
