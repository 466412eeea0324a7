import type { Json } from '../json.ts'
import { type BotCall, type BotMethod, channelOf, messageOf } from './api-call.ts'
import { ApiError } from './api-error.ts'

/** reactions.add and reactions.remove. */
export const REACTION_METHODS: Readonly<Record<string, BotMethod>> = {
  'reactions.add': { scope: 'reactions:write', answer: add },
  'reactions.remove': { scope: 'reactions:write', answer: remove },
}

function add(call: BotCall): Json {
  const { name, users, reactions } = targetOf(call)
  const botUserId = call.workspace.botUser.id
  if (users.has(botUserId)) throw new ApiError('already_reacted')
  reactions.set(name, users.add(botUserId))
  call.stage.world.changed()
  return {}
}

function remove(call: BotCall): Json {
  const { name, users, reactions } = targetOf(call)
  if (!users.delete(call.workspace.botUser.id)) throw new ApiError('no_reaction')
  if (users.size === 0) reactions.delete(name)
  call.stage.world.changed()
  return {}
}

function targetOf(call: BotCall): { name: string; users: Set<string>; reactions: Map<string, Set<string>> } {
  const name = call.args.required('name')
  if (!/^[a-z0-9_+'-]+$/.test(name)) throw new ApiError('invalid_name')
  if (call.args.optional('timestamp') === undefined) throw new ApiError('no_item_specified')
  const { reactions } = messageOf(call, channelOf(call), 'timestamp')
  return { name, users: reactions.get(name) ?? new Set(), reactions }
}
