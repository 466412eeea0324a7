// Keeps a Socket Mode connection. The client's own reconnection is left off: in socket-mode 3.1 it waits 5 s and more
// before each, and a failure in it ends the process as an unhandled rejection.
import { setTimeout as sleep } from 'node:timers/promises'
import type { SocketModeReceiver } from '@slack/bolt'
import type { Logger } from '../../src/logger.ts'
import { RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS, STOP_LIMIT_MS } from './limits.ts'
import { describeError, isTokenEnded, slackCodeOf } from './slack-error.ts'

type SocketModeClient = SocketModeReceiver['client']

/** Answers of apps.connections.open that no later try will change. */
const REFUSED = new Set(['not_allowed_token_type', 'missing_scope', 'team_access_not_granted', 'forbidden_team'])

/** One connection that is opened again whenever it ends. */
export class SocketConnection {
  readonly #client: SocketModeClient
  readonly #logger: Logger
  readonly #stopped = new AbortController()
  #isOpen = false

  /** @param client with its own reconnection off */
  constructor(client: SocketModeClient, logger: Logger) {
    this.#client = client
    this.#logger = logger
  }

  /**
   * Connects, and connects again until stop is called.
   * @param onConnected called each time
   * @throws the first error when there was no connection yet, later only one that no further try will change
   */
  async keep(onConnected: () => void): Promise<void> {
    const { signal } = this.#stopped
    let failures = 0
    let isFirst = true
    while (!signal.aborted) {
      const ended = this.#untilEnd()
      try {
        await this.#client.start()
        this.#isOpen = true
        failures = 0
        isFirst = false
        if (signal.aborted) await this.stop()
        else onConnected()
        await ended.promise
      } catch (error) {
        if (signal.aborted) break
        if (isFirst || isFinal(error)) throw error
        failures += 1
        this.#logger.warn({ failures, reason: describeError(error) }, 'Slack not connected; trying again')
        const pauseMs = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** (failures - 1))
        await sleep(pauseMs, undefined, { signal }).catch(() => {})
      } finally {
        this.#isOpen = false
        ended.forget()
      }
    }
  }

  /** True from a connection's beginning to its end. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Closes the connection; waits for the closing handshake, within a limit. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    if (!this.#isOpen) return
    const inTime = new AbortController()
    await Promise.race([
      this.#client.disconnect(),
      sleep(STOP_LIMIT_MS, undefined, { signal: inTime.signal }).catch(() => {}),
    ])
    inTime.abort()
  }

  #untilEnd(): { readonly promise: Promise<void>; forget(): void } {
    let end: () => void = () => {}
    const promise = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#client.once('disconnected', end)
    return { promise, forget: () => this.#client.removeListener('disconnected', end) }
  }
}

function isFinal(error: unknown): boolean {
  return isTokenEnded(error) || REFUSED.has(slackCodeOf(error) ?? '')
}
