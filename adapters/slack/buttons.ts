// Buttons under replies: more detail, try again, forget, stop, and thumbs up or down.
import type { App } from '@slack/bolt'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { ACTION_IDS, offersStop } from './blocks.ts'
import { postAt } from './find-clips.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { looksAfter } from './looks-after.ts'
import { removeReplies } from './open-questions.ts'
import { type PressWish, takeWish, type WrittenWish } from './open-wishes.ts'
import { placeOf, threadIdOf } from './place.ts'
import { escaped } from './render.ts'
import { describeError } from './slack-error.ts'
import type { Asker, Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'
import type { BotOfEvent } from './workspaces.ts'

/** A button that somebody pressed. */
interface Press {
  readonly asker: Asker
  readonly messageTs: string
  /** What the button stands for: a question, or the opinion of a person. */
  readonly value: string
}

/** Listens to buttons. */
export function takeButtons(app: App, talk: Talk): void {
  for (const action of ['more-detail', 'try-again', 'forget'] as const) {
    app.action(ACTION_IDS[action], async ({ ack, action: pressed, body, context }) => {
      const press = pressOf(talk, objectIn(pressed), objectIn(body), context)
      if (press === null) return await ack()
      const { asker, messageTs, value: about } = press
      if (!talk.isWelcome(asker, asker.place.channel)) {
        await ack()
        return await hint(talk, asker, 'notWelcome')
      }
      const wanted: PressWish = { kind: 'press', action, messageTs, about, ...threadOf(asker) }
      const wish = wishBy(asker, wanted)
      await takeWish(talk, wish, keyOf(ACTION_IDS[action], press), ack, (question) =>
        goOn(talk, asker.workspace, wish, question, false),
      )
    })
  }
  const listen = (actionId: string, act: (press: Press) => Promise<void>): void => {
    app.action(actionId, async ({ ack, action, body, context }) => {
      await ack()
      const press = pressOf(talk, objectIn(action), objectIn(body), context)
      if (press === null || !(await talk.claim(keyOf(actionId, press)))) return
      if (talk.isWelcome(press.asker, press.asker.place.channel)) await act(press)
      else await hint(talk, press.asker, 'notWelcome')
    })
  }
  listen(ACTION_IDS.stop, (press) => stop(talk, press))
  listen(ACTION_IDS.feedback, async ({ asker, messageTs, value }) => {
    const { teamId, channel } = asker.place
    talk.options.logger.info({ team: teamId, channel, reply: messageTs, feedback: value }, 'feedback')
  })
}

/**
 * Goes on with a conversation.
 * @param isAgain after a crash
 * @returns true when a question is on its way
 */
export async function goOn(
  talk: Talk,
  workspace: Workspace,
  wish: WrittenWish<PressWish>,
  question: OpenQuestion,
  isAgain: boolean,
): Promise<boolean> {
  const { channel = '', userId, userTeamId, id, wanted } = wish
  const { action, messageTs, threadTs, about } = wanted
  const place = placeOf(workspace.teamId, channel, messageTs, threadTs)
  const asker: Asker = { workspace, place, userId, userTeamId, id, question }
  if (isAgain) await removeReplies(workspace, place, messageTs, question)
  await talk.inOrder(threadIdOf(place), async () => {
    if (action === 'forget') await talk.clear(asker, 'forget')
    else await talk.askAgain(asker, action === 'more-detail' ? 'moreDetail' : 'tryAgain', about)
  })
  return action !== 'forget'
}

/** The same press may be delivered twice. */
function keyOf(actionId: string, { messageTs, asker }: Press): string {
  return `press:${actionId}:${messageTs}:${asker.id}`
}

function threadOf({ place: { threadTs } }: Asker): { readonly threadTs?: string } {
  return threadTs === undefined ? {} : { threadTs }
}

function wishBy({ workspace, place, userId, userTeamId, id }: Asker, wanted: PressWish): WrittenWish<PressWish> {
  const team = userTeamId === undefined ? {} : { userTeamId }
  const { teamId } = workspace
  return { teamId, channel: place.channel, userId, ...team, userName: '', id, wanted }
}

function pressOf(talk: Talk, action: Json, body: Json, context: BotOfEvent): Press | null {
  const workspace = talk.options.workspaces.of(context, textIn(objectIn(body, 'team'), 'id'))
  return workspace === null ? null : readPress(workspace, action, body)
}

function readPress(workspace: Workspace, action: Json, body: Json): Press | null {
  const message = objectIn(body, 'message')
  const channel = textIn(objectIn(body, 'channel'), 'id')
  const userId = textIn(objectIn(body, 'user'), 'id')
  const messageTs = textIn(message, 'ts')
  const id = textIn(action, 'action_ts')
  if (channel === undefined || userId === undefined || messageTs === undefined || id === undefined) return null
  const place = placeOf(workspace.teamId, channel, messageTs, textIn(message, 'thread_ts'))
  const userTeamId = textIn(objectIn(body, 'user'), 'team_id')
  return { asker: { workspace, place, userId, userTeamId, id }, messageTs, value: textIn(action, 'value') ?? '' }
}

async function stop(talk: Talk, press: Press): Promise<void> {
  const { asker, value } = press
  const { workspace, userId } = asker
  const { questions } = talk.options
  const result = await questions.stop(value, userId)
  if (result === 'not-theirs') {
    if (await looksAfter(talk, workspace, userId)) await questions.stop(value, null)
    else await hint(talk, asker, 'notYours')
  }
  if (result === 'not-running') await removeLeftOver(talk, press)
}

/**
 * Takes progress away that is left over from before a restart: there is nothing to stop, and nobody else will take the
 * button away. Never rejects.
 */
async function removeLeftOver({ options }: Talk, { asker, messageTs, value }: Press): Promise<void> {
  const { client } = asker.workspace
  const { channel } = asker.place
  try {
    // Pressed as an answer ended, its button stood in the message that holds the answer now.
    if (!offersStop(await postAt(asker.workspace, channel, messageTs), value)) return
    await client.chat.delete({ channel, ts: messageTs })
  } catch (error) {
    options.logger.info({ channel, reason: describeError(error) }, 'old progress not removed')
  }
}

/** Says to the person alone why nothing happens. Never rejects. */
async function hint(talk: Talk, asker: Asker, why: 'notYours' | 'notWelcome'): Promise<void> {
  const { workspace, place, userId } = asker
  const { channel, threadTs } = place
  const text = escaped((await talk.textsFor(asker))[why])
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs }
  await workspace.client.chat.postEphemeral({ channel, user: userId, text, ...thread }).catch((error: unknown) => {
    talk.options.logger.info({ channel, reason: describeError(error) }, 'hint not shown')
  })
}
