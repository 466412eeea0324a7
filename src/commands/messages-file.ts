// A whole conversation as a JSON file, for `valley ask --messages`.
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { ContentPart, ConversationMessage } from '../conversation/answerer.ts'
import { localClip } from '../conversation/locate-clip.ts'
import { AppError } from '../errors.ts'

const ROLES = ['system', 'user', 'assistant'] as const
type Role = (typeof ROLES)[number]

/** Problems shown in one error; a file of the wrong kind would have one for each entry. */
const MAX_PROBLEMS_SHOWN = 8

/**
 * Reads a conversation: a list of `{role, content}`, content a text or a list of parts `{type: "text", text}` or
 * `{type: "video" | "image", path}`. Paths are relative to the file. Whether a clip moves is seen from the clip itself, so
 * `video` and `image` mean the same. Clip ids are `clip-1` and so on, in order.
 * @throws AppError QUESTION_INVALID that names every problem, by place
 */
export async function readMessagesFile(path: string): Promise<ConversationMessage[]> {
  return parseMessages(await readJson(path), dirname(resolve(path)), path)
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw invalid(path, [`cannot be read (${cause instanceof Error && 'code' in cause ? cause.code : cause})`])
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(path, [`is not JSON (${cause instanceof Error ? cause.message : cause})`])
  }
}

function parseMessages(json: unknown, folder: string, path: string): ConversationMessage[] {
  if (!Array.isArray(json) || json.length === 0) throw invalid(path, [`is ${kindOf(json)}, not a list of messages`])
  const problems: string[] = []
  let clipCount = 0

  function part(value: unknown, role: Role, place: string): ContentPart[] {
    if (!isRecord(value)) return problem(place, `is ${kindOf(value)}, not a part`)
    if (value.type === 'text') {
      if (typeof value.text !== 'string') return problem(`${place}.text`, `is ${kindOf(value.text)}, not a text`)
      return [{ type: 'text', text: value.text }]
    }
    if (value.type !== 'video' && value.type !== 'image') {
      return problem(`${place}.type`, `is ${JSON.stringify(value.type)}; allowed are text, image, video`)
    }
    if (role !== 'user') return problem(place, `is a clip in a message of the ${role}; only the user shows clips`)
    if (typeof value.path !== 'string' || value.path === '') {
      return problem(`${place}.path`, `is ${kindOf(value.path)}, not the path of a clip`)
    }
    clipCount += 1
    return [{ type: 'clip', clip: { id: `clip-${clipCount}`, ...localClip(resolve(folder, value.path)) } }]
  }

  function problem(place: string, what: string): [] {
    problems.push(`${place} ${what}`)
    return []
  }

  const messages = json.map((value: unknown, index): ConversationMessage => {
    const place = `message ${index + 1}`
    if (!isRecord(value)) {
      problem(place, `is ${kindOf(value)}, not an object with role and content`)
      return { role: 'user', content: [] }
    }
    const role = ROLES.find((name) => name === value.role)
    if (role === undefined)
      problem(`${place}: role`, `is ${JSON.stringify(value.role)}; allowed are ${ROLES.join(', ')}`)
    if (role === 'system' && index > 0) problem(place, 'is of the system; only the first message may be')
    const { content } = value
    if (typeof content === 'string') return { role: role ?? 'user', content: [{ type: 'text', text: content }] }
    if (!Array.isArray(content) || content.length === 0) {
      problem(`${place}: content`, `is ${kindOf(content)}, neither a text nor a list of parts`)
      return { role: role ?? 'user', content: [] }
    }
    const parts = content.flatMap((entry: unknown, at) => part(entry, role ?? 'user', `${place}: content[${at}]`))
    return { role: role ?? 'user', content: parts }
  })
  if (isRecord(json.at(-1)) && json.at(-1).role !== 'user') problem('the last message', 'is not a question of the user')
  if (problems.length > 0) throw invalid(path, problems)
  return messages
}

function invalid(path: string, problems: readonly string[]): AppError {
  const more = problems.length - MAX_PROBLEMS_SHOWN
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '')
  return new AppError(
    'QUESTION_INVALID',
    `The messages file ${JSON.stringify(path)} is wrong: ${shown}. ` +
      'Correct it; "valley ask --help" shows the format.',
    { details: { problems: problems.length } },
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
