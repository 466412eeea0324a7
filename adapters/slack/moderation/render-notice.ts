// A post for moderators as Slack takes it: rich text, whose pieces Slack never reads as mark-up, so that what the model said
// or people wrote does nothing but be read. People are links, since naming them would notify them.
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
import { MAX_SECTION_CHARACTERS } from '../limits.ts'
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
  const texts = lines.map((line) => plainNoticeLine(line, nameOf).replace(/\s*\n\s*/g, ' '))
  const { text, isCut } = fitLines(texts, MAX_SECTION_CHARACTERS, restAttached)
  const shown: readonly NoticeLine[] = isCut ? [...lines.slice(0, text.split('\n').length - 1), [restAttached]] : lines
  const elements = shown.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ type: 'text' as const, text: '\n' }]),
    ...line.flatMap((span) => element(span, nameOf)),
  ])
  return {
    text: escaped(text),
    blocks: [
      {
        type: 'rich_text',
        ...(key === undefined ? {} : { block_id: key }),
        elements: [{ type: 'rich_text_section', elements }],
      },
      ...(alert === undefined ? [] : [actions(alert, picture !== undefined)]),
    ],
    rest: isCut ? `${texts.join('\n')}\n` : null,
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
    case 'channel':
      return [{ type: 'channel', channel_id: lastPart(span.id) }]
    case 'user': {
      const [, team = ''] = span.id.split(':')
      const url = `slack://user?team=${team}&id=${lastPart(span.id)}`
      return [{ type: 'link', url, text: nameOf(span.id) }]
    }
  }
}

function lastPart(id: string): string {
  return id.split(':').at(-1) ?? id
}
