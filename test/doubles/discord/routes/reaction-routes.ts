// Reactions to messages.
import { RESTJSONErrorCodes } from 'discord.js'
import { apiError } from '../http/api-error.ts'
import type { Context, Handlers } from '../http/context.ts'
import { addReaction, removeReaction } from '../messages/change-message.ts'
import { may, requireBot } from '../world/permissions.ts'
import { channelOf, messageOf } from './message-routes.ts'

/** Emojis of Unicode only: the double's guilds have none of their own. */
function emojiOf({ param }: Context): string {
  const emoji = param('emoji')
  if (!/\p{Extended_Pictographic}|\p{Emoji_Component}/u.test(emoji)) throw apiError(RESTJSONErrorCodes.UnknownEmoji)
  return emoji
}

/** Handlers of reactions. */
export const reactionRoutes = {
  'PUT /channels/:channel/messages/:message/reactions/:emoji/@me': (context) => {
    const { world } = context
    const message = messageOf(context)
    const emoji = emojiOf(context)
    requireBot(world, channelOf(context), 'ReadMessageHistory')
    const isFirst = (message.reactions.get(emoji)?.size ?? 0) === 0
    if (isFirst && !may(world, channelOf(context), world.bot.id, 'AddReactions')) {
      throw apiError(RESTJSONErrorCodes.MissingPermissions)
    }
    addReaction(world, message, emoji, world.bot.id)
  },
  'DELETE /channels/:channel/messages/:message/reactions/:emoji/@me': (context) => {
    removeReaction(context.world, messageOf(context), emojiOf(context), context.world.bot.id)
  },
  'DELETE /channels/:channel/messages/:message/reactions/:emoji/:user': (context) => {
    requireBot(context.world, channelOf(context), 'ManageMessages')
    removeReaction(context.world, messageOf(context), emojiOf(context), context.param('user'))
  },
  'GET /channels/:channel/messages/:message/reactions/:emoji': (context) => {
    const userIds = messageOf(context).reactions.get(emojiOf(context)) ?? new Set<string>()
    return [...userIds].map((id) => context.world.user(id))
  },
} satisfies Partial<Handlers>
