// What a message may hold. Each number is from docs.slack.dev: the pages of the methods and of Block Kit.
import { isJson, type Json, jsonArray, stringIn } from '../json.ts'
import { ApiError } from './api-error.ts'

/** chat.postMessage cuts longer texts off. */
export const MAX_POSTED_CHARACTERS = 40_000
/** chat.update and chat.postEphemeral refuse longer texts. */
export const MAX_EDITED_CHARACTERS = 4000
/** Each `markdown_text`, and all markdown blocks of a message together. */
export const MAX_MARKDOWN_CHARACTERS = 12_000
const MAX_MESSAGE_BLOCKS = 50
const MAX_VIEW_BLOCKS = 100
const MAX_ATTACHMENTS = 100
const MAX_SECTION_CHARACTERS = 3000
const MAX_HEADER_CHARACTERS = 150
const MAX_SECTION_FIELDS = 10
const MAX_FIELD_CHARACTERS = 2000
const MAX_CONTEXT_ELEMENTS = 10
const MAX_ACTION_ELEMENTS = 25
const MAX_BUTTON_CHARACTERS = 75
const MAX_BUTTON_VALUE_CHARACTERS = 2000

/** @throws ApiError invalid_blocks or msg_blocks_too_long, naming the block */
export function checkBlocks(blocks: readonly Json[] | null, place: 'message' | 'view' = 'message'): void {
  if (blocks === null) return
  const most = place === 'view' ? MAX_VIEW_BLOCKS : MAX_MESSAGE_BLOCKS
  if (blocks.length > most) throw invalidBlocks(`no more than ${most} items allowed [json-pointer:/blocks]`)
  let markdownCharacters = 0
  for (const [index, block] of blocks.entries()) {
    const problem = problemOf(block)
    if (problem !== null) throw invalidBlocks(`${problem} [json-pointer:/blocks/${index}]`)
    if (block.type === 'markdown') markdownCharacters += stringIn(block, 'text')?.length ?? 0
  }
  if (markdownCharacters > MAX_MARKDOWN_CHARACTERS) throw new ApiError('msg_blocks_too_long')
}

/** @throws ApiError too_many_attachments */
export function checkAttachments(attachments: readonly Json[] | null): void {
  if (attachments !== null && attachments.length > MAX_ATTACHMENTS) throw new ApiError('too_many_attachments')
}

/** @throws ApiError msg_too_long */
export function checkMarkdownText(text: string | undefined): void {
  if (text !== undefined && text.length > MAX_MARKDOWN_CHARACTERS) throw new ApiError('msg_too_long')
}

function invalidBlocks(reason: string): ApiError {
  return new ApiError('invalid_blocks', {
    errors: [reason],
    response_metadata: { messages: [`[ERROR] ${reason}`] },
  })
}

/** What is wrong with a block, or null. */
function problemOf(block: Json): string | null {
  if (typeof block.type !== 'string') return 'missing required field: type'
  if ((stringIn(block, 'block_id')?.length ?? 0) > 255) return 'must be less than 256 characters: block_id'
  switch (block.type) {
    case 'section':
      return problemOfSection(block)
    case 'header':
      return problemOfText(block.text, MAX_HEADER_CHARACTERS)
    case 'context':
      return problemOfCount(block.elements, MAX_CONTEXT_ELEMENTS)
    case 'actions':
      return problemOfCount(block.elements, MAX_ACTION_ELEMENTS) ?? problemOfButtons(block.elements)
    case 'markdown':
      return typeof block.text === 'string' ? null : 'missing required field: text'
    case 'rich_text':
      return problemOfRichText(block.elements)
    case 'input':
      return isJson(block.label) && isJson(block.element) ? null : 'missing required field: label or element'
    default:
      return null
  }
}

/** Ids that people's clients could not show, wherever they stand in rich text. */
function problemOfRichText(elements: unknown): string | null {
  for (const element of jsonArray(elements)) {
    if (element.type === 'channel' && !/^[CDG][A-Z0-9]+$/.test(stringIn(element, 'channel_id') ?? '')) {
      return 'invalid channel id: channel_id'
    }
    if (element.type === 'user' && !/^[UW][A-Z0-9]+$/.test(stringIn(element, 'user_id') ?? '')) {
      return 'invalid user id: user_id'
    }
    if (element.type === 'link' && (stringIn(element, 'url') ?? '') === '') return 'missing required field: url'
    const problem = problemOfRichText(element.elements)
    if (problem !== null) return problem
  }
  return null
}

function problemOfSection(block: Json): string | null {
  const fields = jsonArray(block.fields)
  if (!isJson(block.text) && fields.length === 0) return 'missing required field: text or fields'
  if (fields.length > MAX_SECTION_FIELDS) return `no more than ${MAX_SECTION_FIELDS} items allowed: fields`
  const problems = fields.map((field) => problemOfText(field, MAX_FIELD_CHARACTERS))
  if (isJson(block.text)) problems.unshift(problemOfText(block.text, MAX_SECTION_CHARACTERS))
  return problems.find((problem) => problem !== null) ?? null
}

function problemOfText(value: unknown, maxCharacters: number): string | null {
  const text = stringIn(value, 'text')
  if (text === undefined || text === '') return 'must be more than 0 characters: text'
  return text.length > maxCharacters ? `must be less than ${maxCharacters + 1} characters: text` : null
}

function problemOfCount(value: unknown, most: number): string | null {
  const count = jsonArray(value).length
  if (count === 0) return 'must have at least 1 item: elements'
  return count > most ? `no more than ${most} items allowed: elements` : null
}

function problemOfButtons(elements: unknown): string | null {
  for (const element of jsonArray(elements).filter(({ type }) => type === 'button')) {
    const problem = problemOfText(element.text, MAX_BUTTON_CHARACTERS)
    if (problem !== null) return problem
    if ((stringIn(element, 'value')?.length ?? 0) > MAX_BUTTON_VALUE_CHARACTERS) return 'button value is too long'
  }
  return null
}
