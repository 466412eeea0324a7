// Valley on Slack: connects Bolt to the conversation. What each event means is in the files that listen to it.
import { App } from '@slack/bolt'
import type { ChatAdapter, Conversation } from '../../src/conversation/adapter.ts'
import type { ClipLocation, IncomingClip } from '../../src/conversation/clip.ts'
import { NO_HEARD_PLACES } from '../../src/conversation/heard-places.ts'
import { Listening } from '../../src/conversation/listening.ts'
import type { Request } from '../../src/conversation/message.ts'
import { NO_LEDGER, type OpenQuestion } from '../../src/conversation/question-ledger.ts'
import { resumeQuestions } from '../../src/conversation/resume-questions.ts'
import { NO_SHARED_QUESTIONS } from '../../src/conversation/shared-questions.ts'
import { AppError } from '../../src/errors.ts'
import { inTrace } from '../../src/trace.ts'
import { OPEN_ACCESS } from './access.ts'
import { askAgain } from './ask-again.ts'
import { boltLogger, redacted } from './bolt-logger.ts'
import { takeButtons } from './buttons.ts'
import { maySeeClip } from './clip-access.ts'
import { type Connection, makeConnection } from './connection.ts'
import { hearPosts } from './hear-posts.ts'
import { hearInstallation } from './installation-events.ts'
import { STOP_LIMIT_MS } from './limits.ts'
import { locateSlackClip, SLACK_FILE_HOSTS } from './locate-clip.ts'
import { MissedPosts } from './missed-posts.ts'
import { takeModals } from './modal.ts'
import { SlackModeration } from './moderation/platform.ts'
import { takeModerationButtons } from './moderation/press-buttons.ts'
import { watchPosts } from './moderation/watch-posts.ts'
import { writingDownFirst } from './open-questions.ts'
import { SLACK } from './place.ts'
import { Questions } from './questions.ts'
import { logMissingScopes } from './scopes.ts'
import type { SlackSettings } from './settings.ts'
import { takeShortcuts } from './shortcuts.ts'
import { describeError, isTokenEnded, missingScopeOf, slackCodeOf } from './slack-error.ts'
import { takeCommands } from './slash-command.ts'
import { TakenEventsInMemory } from './taken-events.ts'
import { Talk } from './talk.ts'
import { clientOptions } from './workspace.ts'
import { Workspaces } from './workspaces.ts'

const DEFAULT_COMMAND = '/valley'

/** Slack, in one workspace or several; run it once. */
export class SlackAdapter implements ChatAdapter {
  readonly platform = SLACK
  readonly moderated: SlackModeration
  readonly #settings: SlackSettings
  readonly #workspaces: Workspaces
  #connection: Connection | null = null

  constructor(settings: SlackSettings) {
    this.#settings = settings
    const logger = boltLogger(settings.logger)
    this.#workspaces = new Workspaces(settings.identity, () => clientOptions(settings, logger))
    this.moderated = new SlackModeration(this.#workspaces, settings.logger)
  }

  readonly locateClip = async (clip: IncomingClip, signal: AbortSignal): Promise<ClipLocation> => {
    const { fileHosts = SLACK_FILE_HOSTS, fetch = globalThis.fetch } = this.#settings
    return await locateSlackClip(clip, signal, { workspaces: this.#workspaces, allowedHosts: fileHosts, fetch })
  }

  /** True when whoever asks may read the post of a clip. */
  async maySeeClip(clip: IncomingClip, request: Request): Promise<boolean> {
    return await maySeeClip(clip, request, this.#workspaces, this.#settings.logger)
  }

  isConnected(): boolean {
    return this.#connection?.isOpen() ?? false
  }

  async run(conversation: Conversation, signal: AbortSignal): Promise<void> {
    const { logger, onReady, nativeStreaming = true, assistantPane = true } = this.#settings
    const ledger = this.#settings.ledger ?? NO_LEDGER
    const shared = this.#settings.sharedQuestions ?? NO_SHARED_QUESTIONS
    const questions = new Questions({ logger, ledger, shared, nativeStreaming, assistantPane })
    try {
      await this.#checkToken()
      if (signal.aborted) return
      const connection = makeConnection({ ...this.#settings, onListening: this.#onListening })
      this.#connection = connection
      const { talk, listening } = this.#listen(conversation, questions, connection)
      const ask = (question: OpenQuestion) => askAgain(talk, question)
      let isResuming = false
      const stop = () => void connection.stop()
      signal.addEventListener('abort', stop, { once: true })
      try {
        await connection.keep(() => {
          logger.info({ platform: SLACK, mode: this.#settings.delivery.mode }, 'Slack connected')
          onReady?.()
          if (!isResuming) void resumeQuestions({ ledger, platform: SLACK, ask, logger, signal })
          isResuming = true
          void listening.connected()
        })
      } finally {
        signal.removeEventListener('abort', stop)
        listening.close()
        await Promise.all([connection.stop(), questions.close(STOP_LIMIT_MS, this.#settings.finishMs)])
      }
    } catch (error) {
      throw asAppError(error)
    }
  }

  readonly #onListening = (port: number): void => {
    const { logger, onListening } = this.#settings
    logger.info({ platform: SLACK, port }, "serving Slack's requests")
    onListening?.(port)
  }

  /** With one token: is it good, and for what? */
  async #checkToken(): Promise<void> {
    const { identity } = this.#settings
    if (identity.kind !== 'token') return
    const { workspace, scopes } = await this.#workspaces.single(identity.botToken)
    logMissingScopes(scopes, workspace.teamId, this.#settings)
  }

  #listen(
    conversation: Conversation,
    questions: Questions,
    { receiver }: Connection,
  ): { readonly talk: Talk; readonly listening: Listening } {
    const { identity, logger, takenEvents, command = DEFAULT_COMMAND } = this.#settings
    const { access = OPEN_ACCESS, assistantPane = true } = this.#settings
    const log = boltLogger(logger)
    const workspaces = this.#workspaces
    const { ledger = NO_LEDGER, heard = NO_HEARD_PLACES } = this.#settings
    const app = new App({
      receiver,
      convoStore: false,
      logger: log,
      clientOptions: clientOptions(this.#settings, log),
      ...(identity.kind === 'token'
        ? { authorize: async () => await workspaces.authorizeSingle(identity.botToken) }
        : {}),
    })
    app.use(({ next }) => inTrace(next))
    app.error(async (error) => {
      logger.error({ reason: describeError(error), text: redacted(error.message) }, 'Slack event not handled')
    })
    const talk = new Talk({
      conversation,
      workspaces,
      questions,
      takenEvents: takenEvents ?? new TakenEventsInMemory(),
      ledger,
      heard,
      logger,
      access,
      assistantPane,
      command,
      moderation: this.moderated,
    })
    const ofPeople = [hearPosts, takeCommands, takeModals, takeShortcuts, takeButtons, hearInstallation]
    for (const listen of [...ofPeople, watchPosts, takeModerationButtons]) listen(app, talk)
    receiver.init(writingDownFirst(app, ledger, logger))
    const missedPosts = new MissedPosts(talk, () => this.#ownTeam())
    const listening = new Listening({
      platform: SLACK,
      heard,
      isConnected: () => this.isConnected(),
      fetchMissed: async (since) => {
        await missedPosts.fetch(since)
        await talk.options.moderation.desk?.listensAgain(SLACK)
      },
      logger,
    })
    return { talk, listening }
  }

  /** The one workspace of a token; null for several. */
  async #ownTeam(): Promise<string | null> {
    const { identity } = this.#settings
    return identity.kind === 'token' ? (await this.#workspaces.single(identity.botToken)).workspace.teamId : null
  }
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const reason = describeError(error)
  const details = { platform: SLACK, reason }
  const scope = missingScopeOf(error)
  if (slackCodeOf(error) === undefined) {
    return new AppError(
      'PLATFORM_UNREACHABLE',
      `Slack does not answer (${reason}); it must be reachable from this machine. Check the network and start again.`,
      { details, cause: error, retryable: true },
    )
  }
  const remedy = isTokenEnded(error)
    ? 'Copy the tokens from the app’s settings again'
    : `Grant ${scope ?? 'what is missing'} in the app’s settings and install Valley again`
  return new AppError(
    'PLATFORM_REFUSED',
    `Slack refuses the connection (${reason}); valid tokens are needed. ${remedy}.`,
    {
      details,
      cause: error,
    },
  )
}
