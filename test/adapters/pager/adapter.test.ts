// A third platform needs only an adapter: this one implements the port and passes the suite, and imports nothing of the
// house but what the platforms under adapters/ may.
import { fileURLToPath } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { Bot } from '../../../src/conversation/bot.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { createLogger } from '../../../src/logger.ts'
import { adapterContract } from '../../contract/adapter-contract.ts'
import { openPagerExchange, type PagerExchange } from '../../doubles/pager/pager-exchange.ts'
import { FakeAnswerer } from '../../helpers/fake-answerer.ts'
import { readImports } from '../../helpers/imports.ts'
import { readSources } from '../../helpers/source-files.ts'
import { PagerAdapter } from './adapter.ts'
import { MAX_PAGE_LENGTH } from './limits.ts'

const CLIP = fileURLToPath(import.meta.url)
const ANN = '12'

function adapterOf({ port, token }: PagerExchange): PagerAdapter {
  return new PagerAdapter({ port, token })
}

function start(adapter: PagerAdapter, answerer = new FakeAnswerer(), signal = new AbortController().signal) {
  const bot = new Bot({ answerer, store: new MemoryThreadStore(), logger: createLogger('silent') })
  return adapter.run(bot, signal)
}

const isConnected = (exchange: PagerExchange) =>
  vi.waitFor(() => expect(exchange.isConnected).toBe(true), { timeout: 20_000 })

adapterContract('pager', CLIP, async () => {
  const exchange = await openPagerExchange()
  return {
    adapter: adapterOf(exchange),
    post: (text, clipPath) => exchange.page(ANN, text, clipPath),
    stop: () => exchange.page(ANN, 'stop'),
    reset: () => exchange.page(ANN, 'reset'),
    forget: () => exchange.page(ANN, 'forget'),
    ready: () => isConnected(exchange),
    close: () => exchange.close(),
    shown: () => [...exchange.pages.map(({ text }) => text), 'RING '.repeat(exchange.rings)].join('\n'),
    hostile: { text: '\u0007', sign: /RING/ },
  }
})

describe('a third platform', () => {
  it('imports no more of the house than the platforms that ship', () => {
    const files = readSources('test/adapters/pager').filter(({ path }) => !path.endsWith('.test.ts'))
    const allowed = /^(node:|test\/adapters\/pager\/|src\/conversation\/|src\/(errors|logger|assert)\.ts$)/
    const others = files.flatMap(readImports).filter(({ target }) => !allowed.test(target))
    expect(others.map(({ from, target }) => `${from} imports ${target}`)).toEqual([])
  })

  it('splits a long answer into pages that it can show', async () => {
    const exchange = await openPagerExchange()
    const answer = 'The red ball rolls to the left and back again. '.repeat(12).trim()
    const end = new AbortController()
    const running = start(adapterOf(exchange), new FakeAnswerer(() => ({ say: answer })), end.signal)
    await isConnected(exchange)
    exchange.page(ANN, 'What is it?', CLIP)
    const shown = () => exchange.pages.map(({ text }) => text)
    await vi.waitFor(() => expect(shown().join(' ')).toBe(answer), { timeout: 20_000 })
    for (const text of shown()) expect(text.length).toBeLessThanOrEqual(MAX_PAGE_LENGTH)
    end.abort()
    await running
    await exchange.close()
  })

  it('ends with a line for the operator when it is refused or not there', async () => {
    const exchange = await openPagerExchange()
    const { port } = exchange
    await expect(start(new PagerAdapter({ port, token: 'wrong' }))).rejects.toMatchObject({ code: 'PLATFORM_REFUSED' })
    await exchange.close()
    await expect(start(new PagerAdapter({ port, token: 'any' }))).rejects.toMatchObject({
      code: 'PLATFORM_UNREACHABLE',
    })
  })

  it('stops what is being answered when the line breaks, and ends', async () => {
    const exchange = await openPagerExchange()
    const answerer = new FakeAnswerer(() => ({ say: 'First words of many', wait: true }))
    const running = start(adapterOf(exchange), answerer)
    await isConnected(exchange)
    exchange.page(ANN, 'What is it?', CLIP)
    await vi.waitFor(() => expect(answerer.running).toBe(1), { timeout: 20_000 })
    exchange.hangUp()
    await running
    expect(answerer.running).toBe(0)
    await exchange.close()
  })
})
