// Commands, modals, shortcuts and buttons in the ledger: written down and taken before Slack is told that they arrived, and
// done again after a crash. Slack sends them once only, and what they came with is dead by then: the answer is a post.
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { OpenQuestion } from '../../src/conversation/question-ledger.ts'
import type { AlertVerb } from '../../src/moderation/platform/notice.ts'
import type { Json } from './json.ts'
import { WRITE_DOWN_LIMIT_MS } from './limits.ts'
import { settleQuestion, takeQuestion } from './open-questions.ts'
import { SLACK } from './place.ts'
import { describeError } from './slack-error.ts'
import type { Talk } from './talk.ts'

/** What somebody wants, as plain values. */
export interface WrittenWish<Wanted = CommandWish | ModalWish | ShortcutWish | PressWish | AlertWish> {
  readonly teamId: string
  /** Absent for a wish that belongs to no channel and is answered in a direct message. */
  readonly channel?: string
  readonly userId: string
  readonly userTeamId?: string
  readonly userName: string
  /** Tells it from every other of the channel. */
  readonly id: string
  readonly wanted: Wanted
}

/** A slash command. */
export interface CommandWish {
  readonly kind: 'command'
  readonly text: string
}

/** What a modal was sent off with. */
export interface ModalWish {
  readonly kind: 'modal'
  readonly text: string
  readonly clips: readonly IncomingClip[]
}

/** "Describe clip" on a post. */
export interface ShortcutWish {
  readonly kind: 'shortcut'
  readonly ts: string
  readonly message: Json
}

/** A button that goes on with a conversation. */
export interface PressWish {
  readonly kind: 'press'
  readonly action: 'more-detail' | 'try-again' | 'forget'
  /** The message with the button. */
  readonly messageTs: string
  readonly threadTs?: string
  /** The question that it goes on about. */
  readonly about: string
}

/** A button under an alert. */
export interface AlertWish {
  readonly kind: 'alert'
  readonly verb: AlertVerb
  readonly alertId: number
  /** The message with the button. */
  readonly messageTs: string
}

/**
 * Does what somebody wants, once, and tells Slack that it arrived as soon as it is written down; a slow disk holds that up
 * for a moment only.
 * @param key what else tells it from every other
 * @param act resolves to true when a question is on its way, which then settles itself
 */
export async function takeWish(
  talk: Talk,
  wish: WrittenWish,
  key: string,
  ack: () => Promise<void>,
  act: (question: OpenQuestion) => Promise<boolean>,
): Promise<void> {
  const question = await writtenDown(talk, wish)
  if (question === null) return await ack()
  try {
    await ack()
  } catch (error) {
    await putBack(talk, question.id)
    throw error
  }
  // Where no ledger knows of it, it may have been taken before.
  if (await talk.claim(key)) await doWish(talk, question, act)
  else await settleQuestion(talk.options.ledger, question.id, talk.options.logger)
}

/** Does a wish that was taken; one that is done is settled, one that fails is tried later. */
export async function doWish(
  talk: Talk,
  question: OpenQuestion,
  act: (question: OpenQuestion) => Promise<boolean>,
): Promise<void> {
  const { ledger, logger } = talk.options
  try {
    if (!(await act(question))) await settleQuestion(ledger, question.id, logger)
  } catch (error) {
    await putBack(talk, question.id)
    throw error
  }
}

/** The wish of an open question; null when it is a post. */
export function wishOf({ source }: OpenQuestion): WrittenWish | null {
  const read = JSON.parse(source) as Partial<WrittenWish>
  return read.wanted === undefined ? null : (read as WrittenWish)
}

async function writtenDown(talk: Talk, wish: WrittenWish): Promise<OpenQuestion | null> {
  const { ledger, logger } = talk.options
  const id = `${SLACK}:${wish.channel ?? wish.userId}:${wish.id}`
  const take = async () => {
    try {
      await ledger.accept(id, JSON.stringify(wish))
      logger.debug({ message: id }, 'question written down')
    } catch (error) {
      logger.error({ reason: describeError(error) }, 'a question could not be written down')
    }
    return await takeQuestion(ledger, id, logger)
  }
  const inTime = new AbortController()
  const unwritten = { id, source: '', replies: [] }
  const meanwhile = sleep(WRITE_DOWN_LIMIT_MS, unwritten, { signal: inTime.signal }).catch(() => unwritten)
  const question = await Promise.race([take(), meanwhile])
  inTime.abort()
  return question
}

async function putBack({ options: { ledger, logger } }: Talk, id: string): Promise<void> {
  await ledger.putBack(id).catch((error: unknown) => {
    logger.error({ message: id, reason: describeError(error) }, 'a question could not be put back')
  })
}
