// Buttons under replies: more detail, try again, forget, stop, and thumbs up or down.
import type { App } from '@slack/bolt'
import { ACTION_IDS } from './blocks.ts'
import { type Json, objectIn, textIn } from './json.ts'
import { placeOf, threadIdOf } from './place.ts'
import { escaped } from './render.ts'
import { describeError } from './slack-error.ts'
import type { Asker, Talk } from './talk.ts'
import type { Workspace } from './workspace.ts'

/** A button that somebody pressed. */
interface Press {
  readonly asker: Asker
  readonly messageTs: string
  /** What the button stands for: a question, or the opinion of a person. */
  readonly value: string
}

/** Listens to buttons. */
export function takeButtons(app: App, talk: Talk): void {
  const listen = (actionId: string, act: (press: Press) => Promise<void>): void => {
    app.action(actionId, async ({ ack, action, body, context }) => {
      await ack()
      const workspace = talk.options.workspaces.of(context, textIn(objectIn(body, 'team'), 'id'))
      const press = workspace === null ? null : readPress(workspace, objectIn(action), objectIn(body))
      if (press === null || !(await talk.claim(`press:${actionId}:${press.messageTs}:${press.asker.id}`))) return
      const { asker } = press
      if (!talk.isWelcome(asker, asker.place.channel)) await hint(talk, asker, 'notWelcome')
      else if (actionId === ACTION_IDS.stop) await act(press)
      else await talk.inOrder(threadIdOf(asker.place), () => act(press))
    })
  }
  listen(ACTION_IDS['more-detail'], ({ asker, value }) => talk.askAgain(asker, 'moreDetail', value))
  listen(ACTION_IDS['try-again'], ({ asker, value }) => talk.askAgain(asker, 'tryAgain', value))
  listen(ACTION_IDS.forget, ({ asker }) => talk.clear(asker, 'forget'))
  listen(ACTION_IDS.stop, (press) => stop(talk, press))
  listen(ACTION_IDS.feedback, async ({ asker, messageTs, value }) => {
    const { teamId, channel } = asker.place
    talk.options.logger.info({ team: teamId, channel, reply: messageTs, feedback: value }, 'feedback')
  })
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

async function stop(talk: Talk, { asker, messageTs, value }: Press): Promise<void> {
  const { workspace, place, userId } = asker
  const { channel } = place
  const result = talk.options.questions.stop(value, userId)
  if (result === 'not-theirs') await hint(talk, asker, 'notYours')
  // Left over from before a restart: there is nothing to stop, and nobody else will take the button away.
  if (result === 'not-running') {
    await workspace.client.chat.delete({ channel, ts: messageTs }).catch((error: unknown) => {
      talk.options.logger.info({ channel, reason: describeError(error) }, 'old progress not removed')
    })
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
