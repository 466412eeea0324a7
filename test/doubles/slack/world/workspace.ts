import type { Channel } from './channel.ts'
import type { Member } from './member.ts'
import type { Token } from './token.ts'

/** A workspace (team) and who and what is in it. */
export interface Workspace {
  readonly id: string
  readonly name: string
  /** Part of its address before `.slack.com`. */
  readonly domain: string
  readonly botUser: Member
  readonly botId: string
  readonly botToken: Token
  readonly members: Map<string, Member>
  readonly channels: Map<string, Channel>
  /** False until OAuth or from the start of a workspace that was added so; calls and events need it. */
  isInstalled: boolean
}

/** Whether the app's bot user is in a conversation. */
export function botIsIn(workspace: Workspace, channel: Channel): boolean {
  return channel.members.has(workspace.botUser.id)
}
