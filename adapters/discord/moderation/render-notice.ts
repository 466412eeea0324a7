// A post for moderators as Discord takes it. Whatever the model said or people wrote is escaped, so that it is read and does
// nothing: no mark-up, no mention, no link behind other words.
import {
  type APIActionRowComponent,
  type APIButtonComponent,
  type AttachmentPayload,
  ButtonStyle,
  ComponentType,
  escapeMarkdown,
} from 'discord.js'
import {
  type AlertVerb,
  fitLines,
  type Notice,
  type NoticeButton,
  type NoticeLine,
  plainNoticeLine,
  type Span,
} from '../../../src/moderation/platform/notice.ts'
import { MAX_CONTENT_LENGTH } from '../limits.ts'
import { PLATFORM } from '../places.ts'

/** A post with its files and buttons. */
export interface RenderedNotice {
  readonly content: string
  readonly files: readonly AttachmentPayload[]
  readonly components: readonly APIActionRowComponent<APIButtonComponent>[]
}

const OWN_ID = new RegExp(`^${PLATFORM}:(\\d+)$`)
/** Discord hides a picture whose name begins so until it is clicked. */
const SPOILER = 'SPOILER_'
const STYLES: Readonly<Record<AlertVerb, ButtonStyle.Primary | ButtonStyle.Secondary | ButtonStyle.Danger>> = {
  dismiss: ButtonStyle.Secondary,
  confirm: ButtonStyle.Primary,
  delete: ButtonStyle.Danger,
  'time-out': ButtonStyle.Danger,
  thread: ButtonStyle.Secondary,
}

/**
 * Renders a post; what does not fit is in a file.
 * @param mayAttach false: it says so in place of its picture and files
 * @param nameOf what people and channels are called in that file
 */
export function renderNotice(notice: Notice, mayAttach = true, nameOf?: (id: string) => string): RenderedNotice {
  const { lines, picture, files = [], alert, restAttached, restName } = notice
  const { text, isCut } = fitLines(lines.map(renderLine), MAX_CONTENT_LENGTH, restAttached)
  const hasFiles = isCut || picture !== undefined || files.length > 0
  if (hasFiles && !mayAttach) return renderWithoutFiles(notice)
  const whole = `${lines.map((line) => plainNoticeLine(line, nameOf)).join('\n')}\n`
  return {
    content: text,
    files: [
      ...(picture === undefined
        ? []
        : [
            {
              attachment: Buffer.from(picture.png),
              name: `${SPOILER}frames.png`,
              description: picture.description.slice(0, 1024),
            },
          ]),
      ...files.map(({ name, content, description }) => {
        return { attachment: Buffer.from(content), name, ...(description === undefined ? {} : { description }) }
      }),
      ...(isCut ? [{ attachment: Buffer.from(whole), name: restName }] : []),
    ],
    components: buttonsOf(alert),
  }
}

function renderWithoutFiles({ lines, alert, notAttached }: Notice): RenderedNotice {
  const last = notAttached === undefined ? [] : [notAttached]
  const { text } = fitLines([...lines.map(renderLine), ...last], MAX_CONTENT_LENGTH, notAttached ?? '…')
  return { content: text, files: [], components: buttonsOf(alert) }
}

function buttonsOf(alert: Notice['alert']): RenderedNotice['components'] {
  return alert === undefined ? [] : [row(alert.buttons.map((button) => alertButton(button, alert.id)))]
}

/** The two buttons under the question whether an action is really wanted. */
export function confirmationButtons(
  verb: AlertVerb,
  alertId: number,
  { yes, no }: { readonly yes: string; readonly no: string },
): APIActionRowComponent<APIButtonComponent> {
  const button = (label: string, id: string, style: ButtonStyle.Danger | ButtonStyle.Secondary): APIButtonComponent => {
    return { type: ComponentType.Button, label, custom_id: id, style }
  }
  return row([
    button(yes, `moderate-now ${verb} ${alertId}`, ButtonStyle.Danger),
    button(no, `moderate-not ${verb} ${alertId}`, ButtonStyle.Secondary),
  ])
}

function alertButton({ verb, label }: NoticeButton, alertId: number): APIButtonComponent {
  return { type: ComponentType.Button, label, custom_id: `moderate ${verb} ${alertId}`, style: STYLES[verb] }
}

function row(components: APIButtonComponent[]): APIActionRowComponent<APIButtonComponent> {
  return { type: ComponentType.ActionRow, components }
}

function renderLine(line: NoticeLine): string {
  return line.map(renderSpan).join('')
}

function renderSpan(span: Span): string {
  if (typeof span === 'string') return harmless(span)
  switch (span.kind) {
    case 'strong':
      return `**${harmless(span.text)}**`
    case 'link':
      return span.text === span.url ? span.url : `[${harmless(span.text)}](<${span.url}>)`
    case 'user':
      return mention('@', span.id)
    case 'channel':
      return mention('#', span.id)
  }
}

/** What is on another platform stays its id: a rule may tell somebody here of a clip there. */
function mention(sign: '@' | '#', id: string): string {
  const [, own] = OWN_ID.exec(id) ?? []
  return own === undefined ? harmless(id) : `<${sign}${own}>`
}

/** Discord's own escapes, and those of what is written in angle brackets. Lines stay lines. */
function harmless(text: string): string {
  const options = { heading: true, bulletedList: true, maskedLink: true }
  return escapeMarkdown(text.replace(/[\r\n]+/g, ' '), options).replaceAll(/[<@]/g, '\\$&')
}
