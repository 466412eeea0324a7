// How long an interaction may be answered, and how often.
// https://discord.com/developers/docs/interactions/receiving-and-responding
import { RESTJSONErrorCodes } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { InteractionState } from './state.ts'
import type { World } from './world.ts'

/** The first answer must come within this time, else the token is worth nothing. */
export const ACKNOWLEDGE_WITHIN_MS = 3000
/** Follow-ups and edits may come within this time. */
export const TOKEN_LIFETIME_MS = 15 * 60_000
/** Follow-ups of an app that only the user has installed. */
export const MAX_FOLLOW_UPS_WHEN_USER_INSTALLED = 5

/** True when nobody answered in time. */
export function isTooLate(world: World, interaction: InteractionState): boolean {
  return interaction.acknowledgedMs === null && world.clock.now() - interaction.createdMs > ACKNOWLEDGE_WITHIN_MS
}

/**
 * The interaction that a callback wants to answer.
 * @throws ApiError 10062 for an unknown one or after 3 s, 40060 when it has its answer
 */
export function interactionToAnswer(world: World, id: string, token: string): InteractionState {
  const interaction = world.interactions.get(token)
  if (interaction === undefined || interaction.id !== id || isTooLate(world, interaction)) {
    throw apiError(RESTJSONErrorCodes.UnknownInteraction)
  }
  if (interaction.acknowledgedMs !== null) throw apiError(RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged)
  return interaction
}

/**
 * The interaction behind a webhook's token.
 * @throws ApiError 10015 before the first answer, 50027 after 15 min
 */
export function interactionOfWebhook(world: World, applicationId: string, token: string): InteractionState {
  const interaction = world.interactions.get(token)
  if (interaction === undefined || applicationId !== world.applicationId || interaction.acknowledgedMs === null) {
    throw apiError(RESTJSONErrorCodes.UnknownWebhook)
  }
  if (world.clock.now() - interaction.createdMs > TOKEN_LIFETIME_MS) {
    throw apiError(RESTJSONErrorCodes.InvalidWebhookToken)
  }
  return interaction
}
