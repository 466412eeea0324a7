// A platform that does not exist: an exchange for pagers. A bot logs in over TCP and speaks lines of JSON with it. The
// exchange shows short pages, changes them, and rings every pager when a page holds the bell character.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Longest page that it shows, UTF-16 units. */
const MAX_PAGE_LENGTH = 160
const BELL = '\u0007'

/** What the bot asks of the exchange; `id` comes back with the answer. */
type Wish =
  | { readonly id: number; readonly do: 'login'; readonly token: string }
  | { readonly id: number; readonly do: 'show'; readonly pager: string; readonly text: string }
  | { readonly id: number; readonly do: 'change'; readonly page: string; readonly text: string }

/** A page on the display of a pager. */
interface Page {
  readonly pager: string
  text: string
}

/** Opens an exchange on a free port. The caller closes it. */
export async function openPagerExchange(): Promise<PagerExchange> {
  const exchange = new PagerExchange()
  await exchange.listen()
  return exchange
}

/** The exchange, and the people who hold pagers. */
export class PagerExchange {
  readonly token = 'pager-token'
  /** Pages of the bot, oldest first, as they read now. */
  readonly pages: Page[] = []
  /** How often all pagers rang. */
  rings = 0
  readonly #bots = new Set<Socket>()
  readonly #server: Server = createServer((socket) => this.#accept(socket))
  #logIns = 0
  #nextId = 1

  /** Starts to listen. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** True once a bot has logged in. */
  get isConnected(): boolean {
    return this.#logIns > 0
  }

  /** A person pages the bot, with a clip that lies on this machine when one is named. */
  page(pager: string, text: string, clipPath?: string): void {
    const event = { event: 'page', id: String(this.#nextId++), pager, text, clip: clipPath ?? null }
    for (const bot of this.#bots) bot.write(`${JSON.stringify(event)}\n`)
  }

  /** The line to the bots breaks. */
  hangUp(): void {
    for (const bot of this.#bots) bot.destroy()
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.hangUp()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    socket.on('close', () => this.#bots.delete(socket))
    createInterface({ input: socket }).on('line', (line) => {
      const wish = JSON.parse(line) as Wish
      const answer = this.#grant(wish, socket)
      if (!socket.destroyed) socket.write(`${JSON.stringify({ answer: wish.id, ...answer })}\n`)
    })
  }

  #grant(wish: Wish, socket: Socket): object {
    if (wish.do === 'login') {
      if (wish.token !== this.token) return { error: 'unknown_token' }
      this.#bots.add(socket)
      this.#logIns += 1
      return {}
    }
    if (!this.#bots.has(socket)) return { error: 'not_logged_in' }
    if (wish.text === '' || wish.text.length > MAX_PAGE_LENGTH) return { error: 'wrong_length' }
    if (wish.text.includes(BELL)) this.rings += 1
    if (wish.do === 'show') return { page: String(this.pages.push({ pager: wish.pager, text: wish.text }) - 1) }
    const page = this.pages[Number(wish.page)]
    if (page === undefined) return { error: 'no_such_page' }
    page.text = wish.text
    return {}
  }
}
