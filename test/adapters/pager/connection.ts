// The line to the exchange: JSON, one object a line; each wish gets its answer.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { AppError } from '../../../src/errors.ts'
import type { IncomingPage } from './parse.ts'

/** Where the exchange is, and who we are to it. */
export interface PagerSettings {
  readonly port: number
  readonly token: string
}

/** Hears pages; the first may come together with the answer to the login. */
export type PageListener = (page: IncomingPage, line: PagerLine) => void

type Answer = Readonly<Record<string, unknown>>

/** An open line; end it by close(). */
export class PagerLine {
  readonly #socket: Socket
  readonly #lines: Interface
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  #lastId = 0

  private constructor(socket: Socket, onPage: PageListener) {
    this.#socket = socket
    this.#lines = createInterface({ input: socket })
    this.#lines.on('line', (line) => {
      const said = JSON.parse(line) as Answer
      if (said.event === 'page') onPage(said as unknown as IncomingPage, this)
      else this.#waiting.get(said.answer as number)?.resolve(said)
      this.#waiting.delete(said.answer as number)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(hungUp())
      this.#waiting.clear()
    })
  }

  /** Connects and logs in. @throws AppError PLATFORM_UNREACHABLE, PLATFORM_REFUSED */
  static async open({ port, token }: PagerSettings, onPage: PageListener): Promise<PagerLine> {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
    } catch (cause) {
      throw new AppError(
        'PLATFORM_UNREACHABLE',
        `The exchange does not answer on port ${port}; it must run there. Start it, then start again.`,
        { cause, retryable: true },
      )
    }
    const line = new PagerLine(socket, onPage)
    const { error } = await line.ask({ do: 'login', token })
    if (error === undefined) return line
    line.close()
    throw new AppError(
      'PLATFORM_REFUSED',
      `The exchange refuses the token (${error}); a valid one is needed. Copy it again.`,
    )
  }

  /** Asks for something. @throws AppError PLATFORM_UNREACHABLE when the line breaks before the answer */
  ask(wish: Readonly<Record<string, unknown>>): Promise<Answer> {
    if (this.#socket.destroyed) return Promise.reject(hungUp())
    this.#lastId += 1
    const id = this.#lastId
    this.#socket.write(`${JSON.stringify({ id, ...wish })}\n`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** Resolves when the line has ended, whoever ended it. */
  async ended(): Promise<void> {
    // A broken line closes too; once() of node:events would throw its error.
    if (!this.#socket.closed) await new Promise((resolve) => this.#socket.once('close', resolve))
  }

  /** Ends the line. */
  close(): void {
    this.#lines.close()
    this.#socket.destroy()
  }
}

function hungUp(): AppError {
  return new AppError('PLATFORM_UNREACHABLE', 'The exchange has hung up; the line must stay open. Start again.', {
    retryable: true,
  })
}
