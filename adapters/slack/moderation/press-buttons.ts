// Buttons under alerts. Slack asks itself whether an action is really wanted; answers are shown to whoever pressed, alone.
import type { App } from '@slack/bolt'
import type { OpenQuestion } from '../../../src/conversation/question-ledger.ts'
import type { AlertLook } from '../../../src/moderation/platform/desk.ts'
import { ALERT_VERBS } from '../../../src/moderation/platform/notice.ts'
import { moderationTextsFor } from '../../../src/moderation/texts/locale.ts'
import { type Json, objectIn, textIn } from '../json.ts'
import { looksAfter } from '../looks-after.ts'
import { type AlertWish, takeWish, type WrittenWish } from '../open-wishes.ts'
import { idOf } from '../place.ts'
import { escaped } from '../render.ts'
import { describeError } from '../slack-error.ts'
import type { Talk } from '../talk.ts'
import type { Workspace } from '../workspace.ts'
import { MODERATE, REVEAL } from './render-notice.ts'

/** A button under an alert that somebody pressed. */
interface Press {
  readonly channel: string
  readonly userId: string
  readonly messageTs: string
  readonly alertId: number
  readonly actionId: string
  /** Tells the press from every other of the channel. */
  readonly id: string
}

/** Listens to the buttons. */
export function takeModerationButtons(app: App, talk: Talk): void {
  app.action(new RegExp(`^${MODERATE}`), async ({ ack, action, body, context }) => {
    const workspace = talk.options.workspaces.of(context, textIn(objectIn(body, 'team'), 'id'))
    const press = readPress(objectIn(action), objectIn(body))
    const verb = ALERT_VERBS.find((one) => press?.actionId === `${MODERATE}${one}`)
    if (workspace === null || press === null || verb === undefined) {
      await ack()
      if (workspace !== null && press?.actionId === REVEAL) await reveal(talk, workspace, press)
      return
    }
    const { channel, userId, messageTs, alertId, id } = press
    const wanted: AlertWish = { kind: 'alert', verb, alertId, messageTs }
    const wish = { teamId: workspace.teamId, channel, userId, userName: '', id, wanted }
    await takeWish(talk, wish, `press:${press.actionId}:${messageTs}:${id}`, ack, (question) =>
      pressAlert(talk, workspace, wish, question, false),
    )
  })
}

/**
 * Does what a button under an alert is for.
 * @param question the same in the ledger
 * @param isAgain after a crash, when a first try may have done it already
 * @returns false: nothing is asked
 */
export async function pressAlert(
  talk: Talk,
  workspace: Workspace,
  { channel = '', userId, wanted: { verb, alertId, messageTs } }: WrittenWish<AlertWish>,
  { id: requestId, isGivenUp = false }: OpenQuestion,
  isAgain: boolean,
): Promise<false> {
  if (isGivenUp) return false
  const { moderation } = talk.options
  const look = await lookOf(talk, workspace, { channel, userId, alertId })
  const answer = await moderation.desk?.press({ ...look, requestId, verb, isAgain })
  const sentence = answer?.text ?? moderationTextsFor(look.locale).alertClosed
  await sayAlone(talk, workspace, { channel, userId, messageTs }, sentence)
  return false
}

function readPress(action: Json, body: Json): Press | null {
  const channel = textIn(objectIn(body, 'channel'), 'id')
  const userId = textIn(objectIn(body, 'user'), 'id')
  const messageTs = textIn(objectIn(body, 'message'), 'ts')
  const actionId = textIn(action, 'action_id')
  const id = textIn(action, 'action_ts')
  const isWhole = channel !== undefined && userId !== undefined && messageTs !== undefined
  if (!isWhole || actionId === undefined || id === undefined) return null
  return { channel, userId, messageTs, actionId, id, alertId: Number(textIn(action, 'value')) }
}

/** Shows the picture as it is. Nothing is written down for it: whoever wants it presses again. */
async function reveal(talk: Talk, workspace: Workspace, press: Press): Promise<void> {
  const { moderation } = talk.options
  const { channel, messageTs } = press
  const look = await lookOf(talk, workspace, press)
  const texts = moderationTextsFor(look.locale)
  let sentence = texts.pictureGone
  const outcome = await moderation.show(workspace, channel, messageTs, async () => {
    const found = await moderation.desk?.pictureOf(look)
    if (found === undefined || !('text' in found)) return found ?? null
    sentence = found.text
    return null
  })
  if (outcome === 'shown') return
  if (outcome === 'failed') sentence = texts.outcomes.failed
  if (outcome === 'shown-before') sentence = texts.pictureShown
  await sayAlone(talk, workspace, press, sentence)
}

/** Who wants something with an alert, and where. */
async function lookOf(
  talk: Talk,
  workspace: Workspace,
  { channel, userId, alertId }: Pick<Press, 'channel' | 'userId' | 'alertId'>,
): Promise<AlertLook> {
  const locale = await workspace.localeOf(userId)
  return {
    alertId,
    channelId: idOf(workspace.teamId, channel),
    userId: idOf(workspace.teamId, userId),
    ...(locale === undefined ? {} : { locale }),
    isModerator: await looksAfter(talk, workspace, userId),
  }
}

/** Says something to whoever pressed. Never rejects. */
async function sayAlone(
  { options: { logger } }: Talk,
  { client }: Workspace,
  { channel, userId, messageTs }: Pick<Press, 'channel' | 'userId' | 'messageTs'>,
  sentence: string,
): Promise<void> {
  await client.chat
    .postEphemeral({ channel, user: userId, text: escaped(sentence), thread_ts: messageTs })
    .catch((error: unknown) => logger.info({ channel, reason: describeError(error) }, 'hint not shown'))
}
