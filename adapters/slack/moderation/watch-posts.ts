// Posts, edits and deletions in watched channels, and the end of a channel, become reports to the desk of moderation. That
// nothing is heard of one any more is a line of the log.
import type { App } from '@slack/bolt'
import { type Json, objectIn, textIn } from '../json.ts'
import { clipsOfPost } from '../parse-files.ts'
import { parseDeletion } from '../parse-post.ts'
import { idOf, SLACK } from '../place.ts'
import type { Talk } from '../talk.ts'
import type { Workspace } from '../workspace.ts'

const MS_A_SECOND = 1000

/** Listens to what is posted, beside the conversation. */
export function watchPosts(app: App, talk: Talk): void {
  app.event('message', async ({ event, body, context }) => {
    const { desk } = talk.options.moderation
    const workspace = talk.options.workspaces.of(context, textIn(objectIn(body), 'team_id'))
    const post = objectIn(event)
    const channel = textIn(post, 'channel')
    if (desk === null || workspace === null || channel === undefined) return
    const deletion = parseDeletion(post)
    const channelId = idOf(workspace.teamId, channel)
    if (deletion !== null) await desk.messagesDeleted(channelId, [deletion.ts])
    else await watchPost(talk, workspace, channel, shownBy(post))
  })
  for (const name of ['channel_deleted', 'group_deleted'] as const) {
    app.event(name, async ({ event, body }) => {
      const channel = idOf(body.team_id, event.channel)
      await talk.options.moderation.desk?.placeGone(channel)
      warnUnheard(talk, channel, 'is deleted')
    })
  }
  for (const name of ['channel_archive', 'group_archive'] as const) {
    app.event(name, async ({ event, body }) => warnUnheard(talk, idOf(body.team_id, event.channel), 'is archived'))
  }
  for (const name of ['channel_left', 'group_left'] as const) {
    app.event(name, async ({ event, body }) =>
      warnUnheard(talk, idOf(body.team_id, event.channel), 'has put Valley out'),
    )
  }
}

/** Of a channel that is watched, also still, since the settings name it. */
function warnUnheard({ options: { moderation, logger } }: Talk, channel: string, what: string): void {
  if (moderation.desk?.isWatched([channel]) !== true) return
  logger.warn({ channel }, `a watched channel ${what}; nothing is heard of it any more`)
}

/** The message itself: an edit carries it as it is now. */
function shownBy(post: Json): Json {
  return textIn(post, 'subtype') === 'message_changed' ? objectIn(post, 'message') : post
}

/** Takes the clips of a message in a watched channel. */
export async function watchPost(
  talk: Talk,
  { teamId, botUserId }: Workspace,
  channel: string,
  message: Json,
): Promise<void> {
  const { desk } = talk.options.moderation
  if (desk === null || !desk.isWatched([idOf(teamId, channel)])) return
  const ts = textIn(message, 'ts')
  const author = textIn(message, 'user') ?? textIn(message, 'bot_id')
  if (ts === undefined || author === undefined || author === botUserId) return
  const clips = clipsOfPost(message, teamId, channel)
  if (clips.length === 0) return
  await desk.take({
    groupId: `${SLACK}:${teamId}`,
    channelId: idOf(teamId, channel),
    messageId: ts,
    authorId: idOf(teamId, author),
    roleIds: [],
    postedAtMs: Math.floor(Number(ts) * MS_A_SECOND),
    clips,
  })
}
