// What moderators type behind the slash command: `watch #videos`, `unwatch #videos`, `rules`, `digest now`, `status`,
// `forget-records @ann`.
import type { RespondFn } from '@slack/bolt'
import type { ModerationWish } from '../../../src/moderation/platform/desk.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import { parseText } from '../parse-text.ts'
import { idOf, SLACK } from '../place.ts'
import type { Talk } from '../talk.ts'
import type { Workspace } from '../workspace.ts'
import { isModerator } from './moderators.ts'
import { renderNotice } from './render-notice.ts'

/** A slash command, its text as Slack gave it. */
export interface TypedCommand {
  readonly workspace: Workspace
  readonly channel: string
  readonly userId: string
  readonly rawText: string
  readonly respond: RespondFn
}

/** What somebody wants of moderation; `channel-wanted` when the channel cannot be told. */
type Typed = ModerationWish | 'channel-wanted'

/** True for words that are for moderation, where it is on. */
export function isForModeration(workspace: Workspace, rawText: string): boolean {
  return readWish({ workspace, rawText }) !== null
}

/** Does what a moderator types. @returns false when it is not for moderation */
export async function takeModerationCommand(talk: Talk, command: TypedCommand): Promise<boolean> {
  const { moderation, logger } = talk.options
  const wish = readWish(command)
  if (moderation.desk === null || wish === null) return false
  const { workspace, channel, userId, respond } = command
  const locale = await workspace.localeOf(userId)
  if (wish === 'channel-wanted') {
    await talk.tell(respond, moderationTextsFor(locale).channelWanted(talk.options.command))
    return true
  }
  const channelId = idOf(workspace.teamId, channel)
  const place = {
    groupId: `${SLACK}:${workspace.teamId}`,
    channelId,
    userId: idOf(workspace.teamId, userId),
    ...(locale === undefined ? {} : { locale }),
    isModerator: await isModerator(workspace, userId, logger),
  }
  const notice = await moderation.desk.command(place, wish)
  // Only a post can carry files.
  if (notice.files !== undefined && (await moderation.post(channelId, notice)).kind === 'posted') return true
  const { text, blocks } = renderNotice(notice, (id) => id.split(':').at(-1) ?? id)
  await respond({ response_type: 'ephemeral', text, blocks })
  return true
}

function readWish({ workspace, rawText }: Pick<TypedCommand, 'workspace' | 'rawText'>): Typed | null {
  const [word = '', ...rest] = rawText.trim().split(/\s+/)
  const name = word.toLowerCase()
  const argument = rest.join(' ')
  if (name === 'watch' || name === 'unwatch') {
    const channel = /^(?:<#)?([CG][A-Z0-9]+)(?:\|[^>]*)?>?$/.exec(argument)?.[1]
    return channel === undefined ? 'channel-wanted' : { name, channelId: idOf(workspace.teamId, channel) }
  }
  if (name === 'digest' && /^(now)?$/i.test(argument)) return { name }
  if ((name === 'rules' || name === 'status') && argument === '') return { name }
  if (name !== 'forget-records') return null
  const user = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/.exec(argument)?.[1]
  if (user !== undefined) return { name: 'forget', userId: idOf(workspace.teamId, user) }
  const [link] = parseText(argument, workspace.botUserId).permalinks
  if (link !== undefined) return { name: 'forget', messageId: link.ts }
  return /^everything$/i.test(argument) ? { name: 'forget' } : 'channel-wanted'
}
