// What moderators type behind the slash command: `watch #videos`, `unwatch #videos`, `rules`, `digest now`, `status`,
// `forget-records @ann`.
import type { RespondFn } from '@slack/bolt'
import type { ModerationWish } from '../../../src/moderation/platform/desk.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import { looksAfter } from '../looks-after.ts'
import { parseText } from '../parse-text.ts'
import { idOf, SLACK, slackIdOf } from '../place.ts'
import { describeError } from '../slack-error.ts'
import type { Talk } from '../talk.ts'
import type { Workspace } from '../workspace.ts'
import { renderAlone } from './render-notice.ts'

/** A slash command, its text as Slack gave it. */
export interface TypedCommand {
  readonly workspace: Workspace
  readonly channel: string
  readonly userId: string
  readonly rawText: string
  /** Tells it from every other, in the ledger too. */
  readonly requestId: string
  /** Too old, or tried too often, to be done. */
  readonly isGivenUp: boolean
  /** Null after a crash, when the address for it is worth nothing any more. */
  readonly respond: RespondFn | null
}

/** What somebody wants of moderation; `channel-wanted` when the channel cannot be told. */
type Typed = ModerationWish | 'channel-wanted'

/** Does what a moderator types. @returns false when it is not for moderation */
export async function takeModerationCommand(talk: Talk, command: TypedCommand): Promise<boolean> {
  const { moderation, logger } = talk.options
  const wish = readWish(command)
  if (moderation.desk === null || wish === null) return false
  if (command.isGivenUp) return true
  const { workspace, channel, userId, requestId, respond } = command
  const locale = await workspace.localeOf(userId)
  if (wish === 'channel-wanted') {
    if (respond !== null) await talk.tell(respond, moderationTextsFor(locale).channelWanted(talk.options.command))
    return true
  }
  const channelId = idOf(workspace.teamId, channel)
  const place = {
    requestId,
    groupId: `${SLACK}:${workspace.teamId}`,
    channelId,
    userId: idOf(workspace.teamId, userId),
    ...(locale === undefined ? {} : { locale }),
    isModerator: await looksAfter(talk, workspace, userId),
  }
  const notice = await moderation.desk.command(place, wish)
  // Only a post can carry files.
  if (notice.files !== undefined && (await moderation.post(channelId, notice, requestId)).kind === 'posted') return true
  const { andOthers } = moderationTextsFor(locale)
  for (const { text, blocks } of renderAlone(notice, (id) => slackIdOf(id) ?? id, andOthers)) {
    if (respond !== null) await respond({ response_type: 'ephemeral', text, blocks })
    else {
      const { client } = workspace
      await client.chat.postEphemeral({ channel, user: userId, text, blocks }).catch((error: unknown) => {
        logger.info({ channel, reason: describeError(error) }, 'a moderator was not answered')
      })
    }
  }
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
  if ((name === 'rules' || name === 'status' || name === 'audit') && argument === '') return { name }
  if (name !== 'forget-records') return null
  const user = /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/.exec(argument)?.[1]
  if (user !== undefined) return { name: 'forget', userId: idOf(workspace.teamId, user) }
  const [link] = parseText(argument, workspace.botUserId).permalinks
  if (link !== undefined) return { name: 'forget', messageId: link.ts }
  return /^everything$/i.test(argument) ? { name: 'forget' } : 'channel-wanted'
}
