import type { Json } from '../json.ts'
import type { Stage } from '../stage.ts'
import { type Channel, scopeFor } from '../world/channel.ts'
import { directMessageWith } from '../world/direct-message.ts'
import type { Message } from '../world/message.ts'
import type { Token } from '../world/token.ts'
import { botIsIn, type Workspace } from '../world/workspace.ts'
import type { ApiArguments } from './api-arguments.ts'
import { ApiError } from './api-error.ts'

/** One call of a method with a bot token that was checked. */
export interface BotCall {
  readonly stage: Stage
  readonly args: ApiArguments
  readonly token: Token
  readonly workspace: Workspace
}

/** A method of the Web API for bot tokens. */
export interface BotMethod {
  /** Scope that the token must have; null when none is needed or the method asks itself. */
  readonly scope: string | null
  answer(call: BotCall): Json
}

/** @throws ApiError missing_scope, with the scope that is needed */
export function requireScope(token: Token, scope: string): void {
  if (token.scopes.has(scope)) return
  throw new ApiError('missing_scope', { needed: scope, provided: [...token.scopes].join(',') })
}

/**
 * The conversation that an argument names, as far as the bot may know of it.
 * @throws ApiError channel_not_found for an unknown one and for a private one that the bot is not in
 */
export function channelOf({ args, workspace }: BotCall, argument = 'channel'): Channel {
  const channel = workspace.channels.get(args.required(argument))
  const isHidden = channel !== undefined && channel.kind !== 'channel' && !botIsIn(workspace, channel)
  if (channel === undefined || isHidden) throw new ApiError('channel_not_found')
  return channel
}

/** The conversation to post to. A member's id stands for the direct message with them. @throws ApiError not_in_channel, is_archived */
export function postableChannelOf(call: BotCall, argument = 'channel'): Channel {
  const { args, stage, workspace } = call
  const named = args.required(argument)
  const isPerson = workspace.members.get(named)?.isBot === false
  const channel = isPerson ? directMessageWith(stage.world, workspace, named) : channelOf(call, argument)
  if (!botIsIn(workspace, channel)) throw new ApiError('not_in_channel')
  if (channel.isArchived) throw new ApiError('is_archived')
  return channel
}

/** The conversation whose history is to be read. @throws ApiError missing_scope, not_in_channel */
export function readableChannelOf(call: BotCall, argument = 'channel'): Channel {
  const channel = channelOf(call, argument)
  requireScope(call.token, scopeFor(channel.kind, 'history'))
  if (!botIsIn(call.workspace, channel)) throw new ApiError('not_in_channel')
  return channel
}

/** The message that an argument names. @throws ApiError message_not_found */
export function messageOf(call: BotCall, channel: Channel, argument = 'ts'): Message {
  const message = call.stage.world.messageAt(channel, call.args.required(argument))
  if (message === undefined) throw new ApiError('message_not_found')
  return message
}
