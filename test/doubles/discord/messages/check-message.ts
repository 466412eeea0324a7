// What a message may look like: the limits that the API answers with 50006 and 50035.
// https://discord.com/developers/docs/resources/message#create-message
import { type APIEmbed, ButtonStyle, ComponentType, MessageFlags, RESTJSONErrorCodes } from 'discord.js'
import { apiError, invalidField } from '../http/api-error.ts'
import type { MessageState } from '../world/state.ts'

const MAX_CONTENT_LENGTH = 2000
const MAX_NONCE_LENGTH = 25
const MAX_EMBEDS = 10
const MAX_EMBED_TEXT_LENGTH = 6000
const MAX_ATTACHMENTS = 10
const MAX_ACTION_ROWS = 5
const MAX_BUTTONS_IN_ROW = 5
const MAX_COMPONENTS = 40
const MAX_COMPONENT_TEXT_LENGTH = 4000
const MAX_CUSTOM_ID_LENGTH = 100
const MAX_BUTTON_LABEL_LENGTH = 80
const EMBED_LIMITS = { title: 256, description: 4096 } as const

/** How long attachments may be that the bot uploads, bytes: 10 MiB where nobody pays for more. */
export const ATTACHMENT_SIZE_LIMIT = 10 * 1024 * 1024

type Checked = Pick<MessageState, 'content' | 'embeds' | 'attachments' | 'components' | 'flags'>

/**
 * Holds a message, new or edited, to the limits.
 * @throws ApiError 50006, 50035 or 40005
 */
export function checkMessage(message: Checked): void {
  if (message.attachments.some(({ bytes }) => bytes.length > ATTACHMENT_SIZE_LIMIT)) {
    throw apiError(RESTJSONErrorCodes.RequestEntityTooLarge)
  }
  if (message.attachments.length > MAX_ATTACHMENTS) {
    throw invalidField('attachments', 'BASE_TYPE_MAX_LENGTH', `Must be ${MAX_ATTACHMENTS} or fewer in length.`)
  }
  checkText('content', message.content, MAX_CONTENT_LENGTH)
  checkEmbeds(message.embeds)
  checkComponents(message)
  const isEmpty = message.content.trim() === '' && message.embeds.length === 0
  if (isEmpty && message.attachments.length === 0 && message.components.length === 0) {
    throw apiError(RESTJSONErrorCodes.CannotSendAnEmptyMessage)
  }
}

/** @throws ApiError 50035 */
export function checkNonce(nonce: string | number | undefined): void {
  if (nonce !== undefined) checkText('nonce', String(nonce), MAX_NONCE_LENGTH)
}

function checkText(path: string, text: string, maxLength: number): void {
  // Discord counts code points, not UTF-16 units.
  if ([...text].length > maxLength) {
    throw invalidField(path, 'BASE_TYPE_MAX_LENGTH', `Must be ${maxLength} or fewer in length.`)
  }
}

function checkEmbeds(embeds: readonly APIEmbed[]): void {
  if (embeds.length > MAX_EMBEDS) throw invalidField('embeds', 'BASE_TYPE_MAX_LENGTH', 'Must be 10 or fewer in length.')
  let total = 0
  for (const [index, embed] of embeds.entries()) {
    checkText(`embeds.${index}.title`, embed.title ?? '', EMBED_LIMITS.title)
    checkText(`embeds.${index}.description`, embed.description ?? '', EMBED_LIMITS.description)
    const fields = (embed.fields ?? []).flatMap(({ name, value }) => [name, value])
    const texts = [embed.title, embed.description, embed.footer?.text, embed.author?.name, ...fields]
    total += texts.reduce((length, text) => length + [...(text ?? '')].length, 0)
  }
  if (total > MAX_EMBED_TEXT_LENGTH) {
    throw invalidField('embeds', 'MAX_EMBED_SIZE_EXCEEDED', 'Embed size exceeds maximum size of 6000')
  }
}

function checkComponents(message: Checked): void {
  const all = flatten(message.components)
  const interactive = all.filter((one) => 'custom_id' in one).map((one) => String(Reflect.get(one, 'custom_id')))
  for (const id of interactive) checkText('components', id, MAX_CUSTOM_ID_LENGTH)
  if (new Set(interactive).size < interactive.length) {
    throw invalidField('components', 'COMPONENT_CUSTOM_ID_DUPLICATED', 'Component custom id cannot be duplicated')
  }
  for (const one of all) checkComponent(one)
  if (!(message.flags & MessageFlags.IsComponentsV2)) {
    if (message.components.some(({ type }) => type !== ComponentType.ActionRow)) {
      throw invalidField('components', 'UNION_TYPE_CHOICES', 'Value of field "type" must be one of (1,).')
    }
    if (message.components.length > MAX_ACTION_ROWS) {
      throw invalidField('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.')
    }
    return
  }
  if (message.content !== '' || message.embeds.length > 0) {
    const message = 'The MessageFlags.IS_COMPONENTS_V2 field cannot be used with content or embeds'
    throw invalidField('content', 'MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2', message)
  }
  if (all.length > MAX_COMPONENTS) {
    throw invalidField('components', 'COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED', 'Must be 40 or fewer in total.')
  }
  const texts = all.filter((one) => Reflect.get(one, 'type') === ComponentType.TextDisplay)
  checkText('components', texts.map((one) => String(Reflect.get(one, 'content'))).join(''), MAX_COMPONENT_TEXT_LENGTH)
}

function checkComponent(component: object): void {
  const type: unknown = Reflect.get(component, 'type')
  if (type === ComponentType.ActionRow) {
    const inner: unknown = Reflect.get(component, 'components')
    const count = Array.isArray(inner) ? inner.length : 0
    if (count < 1 || count > MAX_BUTTONS_IN_ROW) {
      throw invalidField('components', 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 5 in length.')
    }
  }
  if (type !== ComponentType.Button) return
  checkText('components', String(Reflect.get(component, 'label') ?? ''), MAX_BUTTON_LABEL_LENGTH)
  const isLink = Reflect.get(component, 'style') === ButtonStyle.Link
  if (isLink === 'custom_id' in component || (isLink && !('url' in component))) {
    throw invalidField('components', 'BUTTON_COMPONENT_INVALID', 'A link has a url, every other button a custom id.')
  }
}

/** All components with those inside them, outer before inner. */
export function flatten(components: readonly object[]): object[] {
  return components.flatMap((component) => {
    const inner: unknown[] = []
    if ('components' in component && Array.isArray(component.components)) inner.push(...component.components)
    if ('accessory' in component) inner.push(component.accessory)
    return [component, ...flatten(inner.filter((one) => typeof one === 'object' && one !== null))]
  })
}
