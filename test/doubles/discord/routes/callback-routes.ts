// The first answer to an interaction.
// https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object
import { type APIInteractionResponse, InteractionResponseType, InteractionType, MessageFlags } from 'discord.js'
import { invalidField } from '../http/api-error.ts'
import type { Context, Handlers } from '../http/context.ts'
import { editMessage } from '../messages/change-message.ts'
import { type Draft, postMessage } from '../messages/post-message.ts'
import { interactionToAnswer } from '../world/interactions.ts'
import type { InteractionState, MessageState } from '../world/state.ts'
import type { World } from '../world/world.ts'
import { readDraft, readEdit } from './message-body.ts'
import { show } from './message-routes.ts'

/** Which answers each kind of interaction takes. */
const ANSWERS: Readonly<Record<InteractionType, readonly InteractionResponseType[]>> = {
  [InteractionType.Ping]: [InteractionResponseType.Pong],
  [InteractionType.ApplicationCommand]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.Modal,
  ],
  [InteractionType.MessageComponent]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.DeferredMessageUpdate,
    InteractionResponseType.UpdateMessage,
    InteractionResponseType.Modal,
  ],
  [InteractionType.ApplicationCommandAutocomplete]: [InteractionResponseType.ApplicationCommandAutocompleteResult],
  [InteractionType.ModalSubmit]: [
    InteractionResponseType.ChannelMessageWithSource,
    InteractionResponseType.DeferredChannelMessageWithSource,
    InteractionResponseType.DeferredMessageUpdate,
    InteractionResponseType.UpdateMessage,
  ],
}

function answer(context: Context): object | undefined {
  const { world, query } = context
  const interaction = interactionToAnswer(world, context.param('interaction'), context.param('token'))
  const response = context.body as APIInteractionResponse
  if (!ANSWERS[interaction.type].includes(response.type)) {
    throw invalidField('type', 'INTERACTION_RESPONSE_TYPE_INVALID', 'This interaction takes no answer of this type.')
  }
  const message = carryOut(context, interaction, response)
  interaction.acknowledgedMs = world.clock.now()
  interaction.responseType = response.type
  interaction.responseMessageId = message?.id ?? null
  world.changes.announce()
  return query.get('with_response') === 'true' ? renderCallback(world, interaction, message) : undefined
}

/** @returns the message that is the answer from now on; null when there is none */
function carryOut(
  context: Context,
  interaction: InteractionState,
  response: APIInteractionResponse,
): MessageState | null {
  const { world } = context
  const source = interaction.sourceMessageId === null ? undefined : world.findMessage(interaction.sourceMessageId)
  switch (response.type) {
    case InteractionResponseType.ChannelMessageWithSource:
      return postAnswer(world, interaction, { body: response.data, files: context.files }, true)
    case InteractionResponseType.DeferredChannelMessageWithSource:
      return postLoading(world, interaction, (response.data?.flags ?? 0) & MessageFlags.Ephemeral)
    case InteractionResponseType.UpdateMessage:
      if (source !== undefined) {
        editMessage(world, source, readEdit(world, source, { body: response.data ?? {}, files: context.files }))
      }
      return source ?? null
    case InteractionResponseType.DeferredMessageUpdate:
      return source ?? null
    case InteractionResponseType.ApplicationCommandAutocompleteResult:
      interaction.choices = (response.data.choices ?? []).map(({ name, value }) => ({ name, value }))
      return null
    case InteractionResponseType.Modal:
      interaction.modal = response.data
      return null
    default:
      return null
  }
}

/** Posts an answer or a follow-up. Apps need no permission to send for it. */
export function postAnswer(
  world: World,
  interaction: InteractionState,
  request: { body: unknown; files: Context['files'] },
  isOriginal: boolean,
): MessageState {
  const channel = world.channel(interaction.channelId)
  const flags = (request.body as { flags?: MessageFlags }).flags ?? 0
  const isEphemeral = (flags & MessageFlags.Ephemeral) !== 0
  return postMessage(world, {
    ...readDraft(world, channel.id, request, isEphemeral),
    ...frame(world, interaction, isOriginal),
    ...(isOriginal ? { type: interaction.answerType } : {}),
    ...(isEphemeral ? { onlyFor: interaction.userId } : {}),
  })
}

function postLoading(world: World, interaction: InteractionState, ephemeral: number): MessageState {
  return postMessage(world, {
    ...frame(world, interaction, true),
    flags: MessageFlags.Loading | ephemeral,
    type: interaction.answerType,
    ...(ephemeral ? { onlyFor: interaction.userId } : {}),
  })
}

function frame(world: World, interaction: InteractionState, isOriginal: boolean): Draft {
  const { id, type, userId, name } = interaction
  const followed = !isOriginal && interaction.responseMessageId !== null ? interaction.responseMessageId : undefined
  return {
    channel: world.channel(interaction.channelId),
    authorId: world.bot.id,
    origin: { interactionId: id, type, userId, name, isOriginal },
    ...(followed === undefined ? {} : { replyTo: { messageId: followed, failIfMissing: false } }),
  }
}

function renderCallback(world: World, interaction: InteractionState, message: MessageState | null): object {
  const flags = message?.flags ?? 0
  const type = interaction.responseType!
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      ...(message === null
        ? {}
        : {
            response_message_id: message.id,
            response_message_loading: (flags & MessageFlags.Loading) !== 0,
            response_message_ephemeral: (flags & MessageFlags.Ephemeral) !== 0,
          }),
    },
    resource: { type, ...(message === null ? {} : { message: show(world, message) }) },
  }
}

/** Handlers of first answers. */
export const callbackRoutes = {
  'POST /interactions/:interaction/:token/callback': answer,
} satisfies Partial<Handlers>
