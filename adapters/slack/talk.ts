// What all listeners share, and the way from a person's wish to a running question.
import type { RespondFn } from '@slack/bolt'
import type { Conversation } from '../../src/conversation/adapter.ts'
import type { IncomingClip } from '../../src/conversation/clip.ts'
import type { HeardPlaces } from '../../src/conversation/heard-places.ts'
import type { ReplyEvent, Request } from '../../src/conversation/message.ts'
import { lateness, type OpenQuestion, type QuestionLedger } from '../../src/conversation/question-ledger.ts'
import type { Texts } from '../../src/conversation/texts/texts.ts'
import type { Logger } from '../../src/logger.ts'
import { isWelcome } from './access.ts'
import type { Recipient } from './answer-stream.ts'
import { postContent } from './edited-message.ts'
import type { SlackModeration } from './moderation/platform.ts'
import { type Place, requestAt } from './place.ts'
import type { Questions } from './questions.ts'
import { escaped } from './render.ts'
import type { SlackAccess, TakenEvents } from './settings.ts'
import { describeError } from './slack-error.ts'
import { TakenEventsInMemory } from './taken-events.ts'
import type { Workspace } from './workspace.ts'
import type { Workspaces } from './workspaces.ts'

/** What listeners work with. */
export interface TalkOptions {
  readonly conversation: Conversation
  readonly workspaces: Workspaces
  readonly questions: Questions
  readonly takenEvents: TakenEvents
  readonly ledger: QuestionLedger
  readonly heard: HeardPlaces
  readonly logger: Logger
  readonly access: SlackAccess
  /** Whether the assistant pane is used. */
  readonly assistantPane: boolean
  /** The slash command, e.g. `/valley`. */
  readonly command: string
  readonly moderation: SlackModeration
}

/** Somebody who wants something. */
export interface Person {
  readonly workspace: Workspace
  readonly userId: string
  /** Default the workspace's own. */
  readonly userTeamId?: string | undefined
}

/** Somebody who says something at a place. */
export interface Asker extends Person {
  readonly place: Place
  /** Tells the wish from every other of the channel. */
  readonly id: string
  /** The post that asks. */
  readonly postTs?: string
  /** In the ledger; absent for what is not asked again after a crash. */
  readonly question?: OpenQuestion
}

/** What somebody asks. */
export interface Wish {
  readonly text: string
  readonly clips: readonly IncomingClip[]
  readonly repliedClips?: readonly IncomingClip[]
}

/** A conversation on Slack, as listeners use it. */
export class Talk {
  readonly options: TalkOptions
  /** The last step under way in each thread. */
  readonly #steps = new Map<string, Promise<void>>()
  /** Used while the store fails: an answer too many is better than a question lost. */
  readonly #takenMeanwhile = new TakenEventsInMemory()

  constructor(options: TalkOptions) {
    this.options = options
  }

  /**
   * True when the operator's lists let somebody in.
   * @param channel where; undefined for a wish that comes from none and is answered in a direct message
   */
  isWelcome({ workspace, userId, userTeamId = workspace.teamId }: Person, channel: string | undefined): boolean {
    return isWelcome(this.options.access, { userId, teamIds: [workspace.teamId, userTeamId], channel })
  }

  /** Takes an event by all that it is known by. @returns false when it was taken before */
  async claim(...keys: readonly (string | undefined)[]): Promise<boolean> {
    const known = keys.flatMap((key) => (key === undefined ? [] : [`slack:${key}`]))
    try {
      return await this.options.takenEvents.claim(...known)
    } catch (error) {
      this.options.logger.error({ reason: describeError(error) }, 'event not noted as taken')
      return await this.#takenMeanwhile.claim(...known)
    }
  }

  /**
   * Runs steps of one thread after each other, in the order they came: what has to be looked up for a post may take
   * longer than for the next one.
   */
  async inOrder(threadId: string, step: () => Promise<void>): Promise<void> {
    const before = this.#steps.get(threadId) ?? Promise.resolve()
    const mine = before.then(step)
    const settled = mine.catch(() => {})
    this.#steps.set(threadId, settled)
    await mine.finally(() => {
      if (this.#steps.get(threadId) === settled) this.#steps.delete(threadId)
    })
  }

  /** The request of an asker, in their language. */
  async requestOf({ workspace, place, userId, id, question }: Asker): Promise<Request> {
    const request = requestAt(place, userId, id, await workspace.localeOf(userId))
    return question === undefined ? request : { ...request, ...lateness(question) }
  }

  /** The texts in the language that is spoken with a person at a place. */
  async textsFor(asker: Omit<Asker, 'id'>): Promise<Texts> {
    return this.options.conversation.texts(await this.requestOf({ ...asker, id: '' }))
  }

  /** Asks a question; the reply is shown while the caller goes on. */
  async ask(asker: Asker, wish: Wish): Promise<void> {
    await this.#run(asker, (request, signal) => this.options.conversation.ask({ ...request, ...wish }, signal))
  }

  /** Asks for more about a question, or the same once more; as ask. @param about the question's id */
  async askAgain(asker: Asker, how: 'moreDetail' | 'tryAgain', about: string): Promise<void> {
    await this.#run(asker, (request, signal) => this.options.conversation[how]({ ...request, about }, signal))
  }

  /** Resets or forgets the conversation of a place and says so there. Never rejects. */
  async clear(asker: Asker, how: 'reset' | 'forget'): Promise<void> {
    const sentence = await this.options.conversation[how](await this.requestOf(asker))
    await this.say(asker, sentence)
  }

  /** Posts a sentence of ours. Never rejects. */
  async say({ workspace, place }: Pick<Asker, 'workspace' | 'place'>, sentence: string): Promise<void> {
    await postContent(workspace, place, { text: escaped(sentence), below: [] }).catch((error: unknown) => {
      this.options.logger.warn({ channel: place.channel, reason: describeError(error) }, 'sentence not posted')
    })
  }

  /** Says something that only the person sees, at the address that came with what they did. Never rejects. */
  async tell(respond: RespondFn, text: string): Promise<void> {
    await respond({ response_type: 'ephemeral', text: escaped(text) }).catch((error: unknown) => {
      this.options.logger.warn({ reason: describeError(error) }, 'hint not shown')
    })
  }

  async #run(asker: Asker, ask: (request: Request, signal: AbortSignal) => AsyncIterable<ReplyEvent>): Promise<void> {
    const { workspace, place, userId, userTeamId, postTs, question } = asker
    const request = await this.requestOf(asker)
    const recipient: Recipient = { userId, teamId: userTeamId ?? workspace.teamId }
    void this.options.questions.run({
      workspace,
      place,
      recipient,
      request,
      texts: this.options.conversation.texts(request),
      ...(postTs === undefined ? {} : { postTs }),
      ...(question === undefined ? {} : { question }),
      ask: (signal) => ask(request, signal),
    })
  }
}
