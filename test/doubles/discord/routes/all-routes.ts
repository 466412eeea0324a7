// Every route with its handler; the compiler sees to it that none is missing.
import type { Handlers } from '../http/context.ts'
import { callbackRoutes } from './callback-routes.ts'
import { channelRoutes } from './channel-routes.ts'
import { commandRoutes } from './command-routes.ts'
import { guildRoutes } from './guild-routes.ts'
import { messageRoutes } from './message-routes.ts'
import { reactionRoutes } from './reaction-routes.ts'
import { selfRoutes } from './self-routes.ts'
import { threadRoutes } from './thread-routes.ts'
import { webhookRoutes } from './webhook-routes.ts'

/**
 * All handlers.
 * @param shards how many Discord recommends
 */
export function allRoutes(shards: number): Handlers {
  return {
    ...selfRoutes(shards),
    ...commandRoutes,
    ...guildRoutes,
    ...channelRoutes,
    ...messageRoutes,
    ...reactionRoutes,
    ...threadRoutes,
    ...callbackRoutes,
    ...webhookRoutes,
  }
}
