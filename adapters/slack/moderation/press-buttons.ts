// Buttons under alerts. Slack asks itself whether an action is really wanted; answers are shown to whoever pressed, alone.
import type { App } from '@slack/bolt'
import { ALERT_VERBS } from '../../../src/moderation/platform/notice.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import { type Json, objectIn, textIn } from '../json.ts'
import { idOf } from '../place.ts'
import { escaped } from '../render.ts'
import { describeError } from '../slack-error.ts'
import type { Talk } from '../talk.ts'
import type { Workspace } from '../workspace.ts'
import { isModerator } from './moderators.ts'
import { MODERATE, REVEAL } from './render-notice.ts'

/** Listens to the buttons. */
export function takeModerationButtons(app: App, talk: Talk): void {
  app.action(new RegExp(`^${MODERATE}`), async ({ ack, action, body, context }) => {
    await ack()
    const workspace = talk.options.workspaces.of(context, textIn(objectIn(body, 'team'), 'id'))
    if (workspace !== null) await press(talk, workspace, objectIn(action), objectIn(body))
  })
}

async function press(talk: Talk, workspace: Workspace, action: Json, body: Json): Promise<void> {
  const { moderation, logger } = talk.options
  const channel = textIn(objectIn(body, 'channel'), 'id')
  const userId = textIn(objectIn(body, 'user'), 'id')
  const alertTs = textIn(objectIn(body, 'message'), 'ts')
  const actionId = textIn(action, 'action_id')
  const alertId = Number(textIn(action, 'value'))
  if (channel === undefined || userId === undefined || alertTs === undefined || actionId === undefined) return
  const locale = await workspace.localeOf(userId)
  const texts = moderationTextsFor(locale)
  const say = (sentence: string) =>
    workspace.client.chat
      .postEphemeral({ channel, user: userId, text: escaped(sentence), thread_ts: alertTs })
      .catch((error: unknown) => logger.info({ channel, reason: describeError(error) }, 'hint not shown'))
  if (actionId === REVEAL) {
    const picture = (await moderation.desk?.pictureOf(alertId)) ?? null
    if (picture === null) await say(texts.pictureGone)
    else {
      const { png, description } = picture
      await moderation.show(workspace, channel, alertTs, { name: 'frames.png', content: png, description })
    }
    return
  }
  const verb = ALERT_VERBS.find((one) => actionId === `${MODERATE}${one}`)
  if (verb === undefined) return
  const answer = await moderation.desk?.press({
    verb,
    alertId,
    channelId: idOf(workspace.teamId, channel),
    userId: idOf(workspace.teamId, userId),
    ...(locale === undefined ? {} : { locale }),
    isModerator: await isModerator(workspace, userId, logger),
  })
  await say(answer?.text ?? texts.alertClosed)
}
