// Where and for whom a rule holds.

import type { WatchedPost } from '../platform/desk.ts'
import type { Policy } from '../policy.ts'
import type { Rule } from '../policy-schema.ts'

/** True when a list names an id, or its short form: `slack:C1` names `slack:T1:C1`. */
export function names(list: readonly string[], id: string): boolean {
  const parts = id.split(':')
  return list.includes(id) || list.includes(`${parts[0]}:${parts.at(-1)}`)
}

/** The part of a policy that is looked for in a server; all of its clips are looked at alike, so that looks can be cited. */
export function policyOfServer(policy: Policy, groupId: string): Policy {
  return { ...policy, rules: policy.rules.filter(({ servers }) => servers.length === 0 || names(servers, groupId)) }
}

/** True when a rule holds for a post. */
export function holdsFor(
  { channels, exclude }: Pick<Rule, 'channels' | 'exclude'>,
  post: Pick<WatchedPost, 'channelId' | 'parentChannelId' | 'authorId' | 'roleIds'>,
): boolean {
  const places = [post.channelId, ...(post.parentChannelId === undefined ? [] : [post.parentChannelId])]
  const isIn = (list: readonly string[]) => places.some((place) => names(list, place))
  if (channels.length > 0 && !isIn(channels)) return false
  if (isIn(exclude.channels) || names(exclude.users, post.authorId)) return false
  return !post.roleIds.some((role) => names(exclude.roles, role))
}
