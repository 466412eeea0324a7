// The conversation on a terminal or on piped lines: each line is a turn. The development loop of the whole house, and the
// smallest example of an adapter.
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { assertNever } from '../../src/assert.ts'
import type { ChatAdapter, Conversation } from '../../src/conversation/adapter.ts'
import type { AnswerReport } from '../../src/conversation/answerer.ts'
import { localClip, locateLocalClip } from '../../src/conversation/locate-clip.ts'
import type { Request } from '../../src/conversation/message.ts'
import { HELP, parseLine } from './parse.ts'
import { plainLine } from './plain-text.ts'
import { ProgressLine, type StatusStream } from './progress-line.ts'
import { showReply } from './render.ts'
import { timingTable } from './timing-table.ts'

/** The streams of a terminal. */
export interface TerminalOptions {
  readonly input: NodeJS.ReadableStream
  /** Gets the answers and, on a terminal, the prompt. */
  readonly output: NodeJS.WritableStream
  /** Gets progress while it is a terminal, and the greeting. */
  readonly status: StatusStream
  /** True when a person types; false for piped lines, which get no prompt. */
  readonly interactive: boolean
  /** The clip to begin with. */
  readonly clipPath?: string
}

/** What an interrupt (Ctrl-C) came to. */
export type InterruptResult = 'answer-stopped' | 'warned' | 'quit'

const THREAD_ID = 'terminal:main'

/** One conversation on one terminal; run it once. */
export class TerminalAdapter implements ChatAdapter {
  readonly platform = 'terminal'
  readonly locateClip = locateLocalClip
  readonly #options: TerminalOptions
  readonly #progress: ProgressLine
  readonly #quit = new AbortController()
  /** Set while an answer runs. */
  #answering: AbortController | null = null
  #warned = false
  #prompt: () => void = () => {}
  #messageCount = 0
  /** A clip that is still to go out with a question. */
  #pendingClip: string | null
  #lastReport: AnswerReport | null = null

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#progress = new ProgressLine(options.status)
    this.#pendingClip = options.clipPath === undefined ? null : resolve(options.clipPath)
  }

  async run(conversation: Conversation, signal: AbortSignal): Promise<void> {
    const { input, output, interactive } = this.#options
    const stop = AbortSignal.any([signal, this.#quit.signal])
    if (stop.aborted) return
    const lines = createInterface(interactive ? { input, output, terminal: true, prompt: '> ' } : { input })
    const close = () => lines.close()
    stop.addEventListener('abort', close, { once: true })
    // In raw mode the terminal sends Ctrl-C as a character, not as a signal.
    lines.on('SIGINT', () => this.interrupt())
    if (interactive) {
      this.#options.status.write(this.#greeting())
      this.#prompt = () => lines.prompt()
    }
    try {
      this.#prompt()
      for await (const line of lines) {
        if (stop.aborted) break
        this.#warned = false
        if ((await this.#obey(line, conversation, stop)) === 'quit' || stop.aborted) break
        this.#prompt()
      }
    } finally {
      stop.removeEventListener('abort', close)
      lines.close()
      this.#progress.clear()
      this.#prompt = () => {}
    }
  }

  /** Ctrl-C: stops the running answer; at the prompt the first one warns and the second one leaves. */
  interrupt(): InterruptResult {
    if (this.#answering !== null && !this.#answering.signal.aborted) {
      this.#answering.abort()
      return 'answer-stopped'
    }
    if (this.#options.interactive && !this.#warned) {
      this.#warned = true
      this.#options.output.write('\n(Ctrl-C again or /quit leaves)\n')
      this.#prompt()
      return 'warned'
    }
    this.#quit.abort()
    return 'quit'
  }

  async #obey(line: string, conversation: Conversation, signal: AbortSignal): Promise<'go-on' | 'quit'> {
    const { output } = this.#options
    const wish = parseLine(line)
    switch (wish.type) {
      case 'nothing':
        break
      case 'question':
        await this.#ask(wish.text, conversation, signal)
        break
      case 'clip':
        output.write(await this.#takeClip(wish.path))
        break
      case 'reset':
        output.write(`${await conversation.reset(this.#nextRequest())}\n`)
        break
      case 'forget':
        this.#lastReport = null
        output.write(`${await conversation.forget(this.#nextRequest())}\n`)
        break
      case 'stats':
        output.write(this.#lastReport === null ? 'There is no answer yet.\n' : timingTable([this.#lastReport]))
        break
      case 'help':
        output.write(HELP)
        break
      case 'quit':
        return 'quit'
      case 'unknown':
        output.write(`There is no command ${plainLine(wish.command)}; /help lists them.\n`)
        break
      default:
        assertNever(wish)
    }
    return 'go-on'
  }

  async #ask(text: string, conversation: Conversation, signal: AbortSignal): Promise<void> {
    const clips = this.#pendingClip === null ? [] : [localClip(this.#pendingClip, this.platform)]
    const message = { ...this.#nextRequest(), text, clips }
    this.#answering = new AbortController()
    try {
      const events = conversation.ask(message, AbortSignal.any([signal, this.#answering.signal]))
      const reply = await showReply(events, this.#options.output, this.#progress)
      if (reply?.report !== undefined) this.#lastReport = reply.report
      // After any other failure the same clip goes out with the next question; a bad clip does not.
      if (reply?.kind === 'answer' || reply?.code?.startsWith('CLIP_')) this.#pendingClip = null
      else if (reply?.kind === 'cancelled' && reply.report?.answer) this.#pendingClip = null
    } finally {
      this.#answering = null
    }
  }

  #nextRequest(): Request {
    this.#messageCount += 1
    return {
      id: `terminal:${this.#messageCount}`,
      threadId: THREAD_ID,
      channelId: THREAD_ID,
      userId: 'terminal:person',
    }
  }

  async #takeClip(path: string): Promise<string> {
    if (path === '') return 'Which clip? Write /clip and the path of a file.\n'
    const found = await stat(path).catch(() => null)
    if (found === null || !found.isFile()) return `There is no file ${plainLine(path)}.\n`
    this.#pendingClip = resolve(path)
    return `The next question is about ${plainLine(basename(path))}.\n`
  }

  #greeting(): string {
    const clip = this.#pendingClip
    const about = clip === null ? '/clip FILE chooses a clip' : `Ask about ${plainLine(basename(clip))}`
    return `${about}; /help lists the commands.\n`
  }
}
