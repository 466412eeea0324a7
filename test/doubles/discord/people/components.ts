// Buttons, menus and forms as people use them.
import { ButtonStyle, ComponentType, InteractionType, MessageType } from 'discord.js'
import { flatten } from '../messages/check-message.ts'
import type { MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { sendInteraction } from './send-interaction.ts'
import type { UsedInteraction } from './used-interaction.ts'

/** Presses a button. @param button its label or custom id */
export function pressButton(world: World, userId: string, message: MessageState, button: string): UsedInteraction {
  const buttons = find(message, ComponentType.Button).filter((one) => field(one, 'style') !== ButtonStyle.Link)
  const found = buttons.find((one) => field(one, 'label') === button || field(one, 'custom_id') === button)
  if (found === undefined) {
    const labels = buttons.map((one) => String(field(one, 'label') ?? field(one, 'custom_id')))
    throw new Error(`The message has no button ${button}; it has: ${labels.join(', ') || 'none'}.`)
  }
  if (field(found, 'disabled') === true) throw new Error(`The button ${button} is disabled.`)
  return use(world, userId, message, { component: found, type: ComponentType.Button })
}

/** Chooses in a string menu. */
export function selectOptions(
  world: World,
  userId: string,
  message: MessageState,
  { menu, values }: { readonly menu: string; readonly values: readonly string[] },
): UsedInteraction {
  const menus = find(message, ComponentType.StringSelect)
  const found = menus.find((one) => field(one, 'placeholder') === menu || field(one, 'custom_id') === menu)
  if (found === undefined) throw new Error(`The message has no menu ${menu}.`)
  return use(world, userId, message, { component: found, type: ComponentType.StringSelect, values })
}

/** Fills in a form and sends it. Each field is a text input, given by its custom id. */
export function submitModal(
  world: World,
  userId: string,
  opened: UsedInteraction,
  fields: Readonly<Record<string, string>>,
): UsedInteraction {
  const { modal } = opened
  if (modal === null) throw new Error('The interaction has opened no form.')
  const rows = Object.entries(fields).map(([custom_id, value], id) => ({
    type: ComponentType.ActionRow,
    id,
    components: [{ type: ComponentType.TextInput, id: id + 100, custom_id, value }],
  }))
  return sendInteraction(world, {
    type: InteractionType.ModalSubmit,
    name: modal.custom_id,
    userId,
    channel: world.channel(opened.channelId),
    data: { custom_id: modal.custom_id, components: rows },
    answerType: MessageType.Default,
  })
}

function use(
  world: World,
  userId: string,
  message: MessageState,
  used: { readonly component: object; readonly type: ComponentType; readonly values?: readonly string[] },
): UsedInteraction {
  const customId = String(field(used.component, 'custom_id'))
  const values = used.values === undefined ? {} : { values: used.values }
  return sendInteraction(world, {
    type: InteractionType.MessageComponent,
    name: customId,
    userId,
    channel: world.channel(message.channelId),
    data: { component_type: used.type, custom_id: customId, ...values },
    answerType: MessageType.Default,
    source: message,
  })
}

function find(message: MessageState, type: ComponentType): object[] {
  return flatten(message.components).filter((one) => field(one, 'type') === type)
}

function field(component: object, name: string): unknown {
  return Reflect.get(component, name)
}
