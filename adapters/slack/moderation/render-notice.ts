// A post for moderators as Slack takes it: rich text, whose pieces Slack never reads as mark-up, so that what the model said
// or people wrote does nothing but be read. People are links, since naming them would notify them. Slack refuses a post with an
// id of another platform's channel, so those are words.
import type { types } from '@slack/bolt'
import {
  type AlertVerb,
  fitLines,
  type Notice,
  type NoticeButton,
  type NoticeLine,
  plainNoticeLine,
  type Span,
} from '../../../src/moderation/platform/notice.ts'
import { plain } from '../blocks.ts'
import { MAX_ALONE_BLOCKS, MAX_EDITED_CHARACTERS, MAX_RESPONSES, MAX_SECTION_CHARACTERS } from '../limits.ts'
import { slackIdOf } from '../place.ts'
import { escaped } from '../render.ts'

/** Action ids of the buttons under alerts begin so; the verb follows. */
export const MODERATE = 'valley_moderate_'
/** The button that shows the picture. */
export const REVEAL = `${MODERATE}reveal`

/** A post of moderation. */
export interface RenderedNotice {
  /** What notifications show. */
  readonly text: string
  readonly blocks: types.KnownBlock[]
  /** The whole text when not all of it fits. */
  readonly rest: string | null
}

const STYLES: Readonly<Partial<Record<AlertVerb, 'primary' | 'danger'>>> = {
  confirm: 'primary',
  delete: 'danger',
  'time-out': 'danger',
}

/**
 * Renders a post.
 * @param nameOf what people and channels are called
 * @param key the post is found again by it
 */
export function renderNotice(notice: Notice, nameOf: (id: string) => string, key?: string): RenderedNotice {
  const { lines, alert, picture, restAttached } = notice
  const texts = lines.map((line) => oneLine(line, nameOf))
  const { text, isCut } = fitLines(texts, MAX_SECTION_CHARACTERS, restAttached)
  const shown: readonly NoticeLine[] = isCut ? [...lines.slice(0, text.split('\n').length - 1), [restAttached]] : lines
  return {
    text: escaped(text),
    blocks: [richText(shown, nameOf, key), ...(alert === undefined ? [] : [actions(alert, picture !== undefined)])],
    rest: isCut ? `${texts.join('\n')}\n` : null,
  }
}

/**
 * Renders a notice for one person alone, in as many messages as Slack takes there: none of them can carry a file.
 * @param andOthers says how many lines not even these hold
 */
export function renderAlone(
  { lines }: Notice,
  nameOf: (id: string) => string,
  andOthers: (count: number) => string,
): Omit<RenderedNotice, 'rest'>[] {
  const most = MAX_RESPONSES * MAX_ALONE_BLOCKS
  const all = inBlocks(lines, nameOf)
  const kept = all.slice(0, most)
  if (all.length > most) {
    // Its last lines make room for the sentence.
    const last = [...(kept.pop() ?? [])]
    let left = all.slice(most).flat().length
    do {
      last.pop()
      left += 1
    } while (lengthOf([...last, [andOthers(left)]], nameOf) > MAX_SECTION_CHARACTERS)
    kept.push([...last, [andOthers(left)]])
  }
  const messages: Omit<RenderedNotice, 'rest'>[] = []
  for (let index = 0; index < kept.length; index += MAX_ALONE_BLOCKS) {
    const blocks = kept.slice(index, index + MAX_ALONE_BLOCKS)
    const text = (blocks[0] ?? []).map((line) => oneLine(line, nameOf)).join('\n')
    messages.push({
      text: escaped(text).slice(0, MAX_EDITED_CHARACTERS),
      blocks: blocks.map((block) => richText(block, nameOf)),
    })
  }
  return messages
}

/** The lines, as many of them together as fit one block; a line that fits none by itself stands alone. */
function inBlocks(lines: readonly NoticeLine[], nameOf: (id: string) => string): NoticeLine[][] {
  const blocks: NoticeLine[][] = []
  for (const line of lines) {
    const last = blocks.at(-1)
    if (last !== undefined && lengthOf([...last, line], nameOf) <= MAX_SECTION_CHARACTERS) last.push(line)
    else blocks.push([line])
  }
  return blocks
}

function lengthOf(lines: readonly NoticeLine[], nameOf: (id: string) => string): number {
  return lines.map((line) => oneLine(line, nameOf)).join('\n').length
}

function oneLine(line: NoticeLine, nameOf: (id: string) => string): string {
  return plainNoticeLine(line, nameOf).replace(/\s*\n\s*/g, ' ')
}

function richText(lines: readonly NoticeLine[], nameOf: (id: string) => string, key?: string): types.RichTextBlock {
  const elements = lines.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ type: 'text' as const, text: '\n' }]),
    ...line.flatMap((span) => element(span, nameOf)),
  ])
  return {
    type: 'rich_text',
    ...(key === undefined ? {} : { block_id: key }),
    elements: [{ type: 'rich_text_section', elements }],
  }
}

function actions({ id, buttons, reveal }: NonNullable<Notice['alert']>, hasPicture: boolean): types.ActionsBlock {
  const shows: types.Button[] = hasPicture
    ? [{ type: 'button', action_id: REVEAL, text: plain(reveal), value: String(id) }]
    : []
  return { type: 'actions', elements: [...buttons.map((button) => alertButton(button, id)), ...shows] }
}

function alertButton({ verb, label, confirmation }: NoticeButton, alertId: number): types.Button {
  const style = STYLES[verb]
  return {
    type: 'button',
    action_id: `${MODERATE}${verb}`,
    text: plain(label),
    value: String(alertId),
    ...(style === undefined ? {} : { style }),
    ...(confirmation === undefined
      ? {}
      : {
          confirm: {
            title: plain(label),
            text: plain(confirmation.question),
            confirm: plain(confirmation.yes),
            deny: plain(confirmation.no),
          },
        }),
  }
}

function element(span: Span, nameOf: (id: string) => string): types.RichTextElement[] {
  if (typeof span === 'string') return span === '' ? [] : [{ type: 'text', text: span }]
  switch (span.kind) {
    case 'strong':
      return [{ type: 'text', text: span.text, style: { bold: true } }]
    case 'link':
      return [{ type: 'link', url: span.url, text: span.text }]
    case 'channel': {
      const id = slackIdOf(span.id)
      return id === null ? [{ type: 'text', text: span.id }] : [{ type: 'channel', channel_id: id }]
    }
    case 'user': {
      const id = slackIdOf(span.id)
      if (id === null) return [{ type: 'text', text: span.id }]
      const [, team = ''] = span.id.split(':')
      return [{ type: 'link', url: `slack://user?team=${team}&id=${id}`, text: nameOf(span.id) }]
    }
  }
}
