// What comes after the first answer to an interaction: edits of it, and follow-ups.
// https://discord.com/developers/docs/interactions/receiving-and-responding#followup-messages
import { InteractionResponseType, MessageFlags, RESTJSONErrorCodes } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { Context, Handlers } from '../http/context.ts'
import { deleteMessage, editMessage } from '../messages/change-message.ts'
import { interactionOfWebhook, MAX_FOLLOW_UPS_WHEN_USER_INSTALLED } from '../world/interactions.ts'
import type { InteractionState, MessageState } from '../world/state.ts'
import { postAnswer } from './callback-routes.ts'
import { readEdit } from './message-body.ts'
import { show } from './message-routes.ts'

const ORIGINAL = '@original'

function interactionOf({ world, param }: Context): InteractionState {
  return interactionOfWebhook(world, param('application'), param('token'))
}

/** The message that a request names; only what answers this interaction can be reached. */
function answerOf(context: Context): MessageState {
  const interaction = interactionOf(context)
  const wanted = context.param('message')
  const id = wanted === ORIGINAL ? interaction.responseMessageId : wanted
  const isOurs = id === interaction.responseMessageId || interaction.followUpIds.includes(id ?? '')
  const message = id === null || !isOurs ? undefined : context.world.findMessage(id)
  if (message === undefined) throw apiError(RESTJSONErrorCodes.UnknownMessage)
  return message
}

function followUp(context: Context): object {
  const { world } = context
  const interaction = interactionOf(context)
  const original = world.findMessage(interaction.responseMessageId ?? '')
  const isDeferred = interaction.responseType === InteractionResponseType.DeferredChannelMessageWithSource
  if (isDeferred && original !== undefined && original.flags & MessageFlags.Loading) {
    // As documented, right after a deferral a follow-up takes the place of the loading message.
    editMessage(world, original, readEdit(world, original, context))
    return show(world, original)
  }
  const isFull = interaction.followUpIds.length >= MAX_FOLLOW_UPS_WHEN_USER_INSTALLED
  if (interaction.isUserInstallOnly && isFull) {
    throw apiError(RESTJSONErrorCodes.ThisInteractionHasHitTheMaximumNumberOfFollowUpMessages)
  }
  const message = postAnswer(world, interaction, context, false)
  interaction.followUpIds.push(message.id)
  world.changes.announce()
  return show(world, message)
}

/** Handlers of what comes after the first answer. */
export const webhookRoutes = {
  'POST /webhooks/:application/:token': followUp,
  'GET /webhooks/:application/:token/messages/:message': (context) => show(context.world, answerOf(context)),
  'PATCH /webhooks/:application/:token/messages/:message': (context) => {
    const message = answerOf(context)
    editMessage(context.world, message, readEdit(context.world, message, context))
    return show(context.world, message)
  },
  'DELETE /webhooks/:application/:token/messages/:message': (context) => {
    deleteMessage(context.world, answerOf(context))
  },
} satisfies Partial<Handlers>
