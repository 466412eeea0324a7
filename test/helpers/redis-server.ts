// Redis in a process of its own, on a free port of the loopback, with its own folder. Ended by whoever started it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@keyv/redis'

const START_LIMIT_MS = 20_000
const LOOK_MS = 25

/** A Redis that keeps what it is told on the disk, as an operator runs it. */
export class RedisServer {
  readonly url: string
  readonly folder: string
  readonly #port: number
  #child: ChildProcess | null = null

  private constructor(port: number, folder: string) {
    this.#port = port
    this.folder = folder
    this.url = `redis://127.0.0.1:${port}`
  }

  /** Starts one with an empty folder. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), 'valley-redis-')))
    await server.#run()
    return server
  }

  /** Ends it, waits, and starts it again with what it has kept. @param signal SIGKILL for a crash */
  async restart(signal: NodeJS.Signals, awayMs = 0): Promise<void> {
    await this.#end(signal)
    await sleep(awayMs)
    await this.#run()
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.#end('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Asks it something over a connection of its own. */
  async ask(...command: string[]): Promise<unknown> {
    const client = createClient({ url: this.url })
    await client.connect()
    try {
      return await client.sendCommand(command)
    } finally {
      client.destroy()
    }
  }

  async #run(): Promise<void> {
    const settings = { port: this.#port, bind: '127.0.0.1', dir: this.folder, appendonly: 'yes', save: '' }
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    this.#child = child
    const failed = once(child, 'error').then(([error]) => Promise.reject(error))
    failed.catch(() => {})
    await Promise.race([this.#answers(), failed])
  }

  async #answers(): Promise<void> {
    const untilMs = performance.now() + START_LIMIT_MS
    for (;;) {
      try {
        await this.ask('PING')
        return
      } catch (error) {
        if (performance.now() > untilMs) throw error
        await sleep(LOOK_MS)
      }
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
