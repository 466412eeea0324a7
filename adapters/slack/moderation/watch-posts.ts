// Posts, edits and deletions in watched channels, and the end of a channel, become reports to the desk of moderation.
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
      talk.options.moderation.readingChanged()
      await talk.options.moderation.desk?.placeGone(idOf(body.team_id, event.channel))
    })
  }
  for (const name of ['channel_archive', 'group_archive', 'channel_left', 'group_left'] as const) {
    app.event(name, async () => talk.options.moderation.readingChanged())
  }
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
