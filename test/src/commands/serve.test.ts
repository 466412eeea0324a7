import { describe, expect, it } from 'vitest'
import { serve } from '../../../src/commands/serve.ts'
import type { ChatAdapter, Conversation } from '../../../src/conversation/adapter.ts'
import { AppError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logger.ts'

const FAILURE = new AppError('TIMED_OUT', 'It did not answer. Try again.')
const conversation = {} as Conversation

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function adapter(platform: string, run: (signal: AbortSignal) => Promise<void>): ChatAdapter {
  return {
    platform,
    locateClip: () => Promise.reject(FAILURE),
    run: (given, signal) => {
      expect(given).toBe(conversation)
      return run(signal)
    },
  }
}

function start(adapters: ChatAdapter[], stopTimeoutMs = 60_000) {
  const lines: string[] = []
  const stop = new AbortController()
  const logger = createLogger('info', { write: (line) => lines.push(line) })
  const served = serve({ adapters, conversation, logger, signal: stop.signal, stopTimeoutMs, moderation: null })
  // Looked at when the test comes to it.
  served.catch(() => {})
  return { served, stop, lines }
}

describe('running platforms', () => {
  it('end together when they are told to', async () => {
    const ended: string[] = []
    const ending = (name: string) =>
      adapter(name, async (signal) => {
        await untilAborted(signal)
        ended.push(name)
      })
    const { served, stop, lines } = start([ending('one'), ending('two')])
    stop.abort()
    await served
    expect(ended).toEqual(['one', 'two'])
    expect(lines).toEqual([])
  })

  it('go on when one of them fails, which the log tells', async () => {
    const { served, stop, lines } = start([adapter('one', () => Promise.reject(FAILURE)), adapter('two', untilAborted)])
    await new Promise((resolve) => setImmediate(resolve))
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ platform: 'one', code: 'TIMED_OUT', level: 50 }])
    expect(await Promise.race([served.then(() => 'ended'), Promise.resolve('running')])).toBe('running')
    stop.abort()
    await served
  })

  it('end with the first failure when all have ended by themselves', async () => {
    const { served, lines } = start([adapter('one', () => Promise.reject(FAILURE)), adapter('two', async () => {})])
    await expect(served).rejects.toBe(FAILURE)
    expect(lines).toHaveLength(2)
  })

  it('are given up when one does not end in time', async () => {
    const { served, stop } = start([adapter('one', untilAborted), adapter('two', () => new Promise(() => {}))], 20)
    stop.abort()
    await expect(served).rejects.toMatchObject({
      code: 'TIMED_OUT',
      message: expect.stringMatching(/^Stopping two took longer than 0\.02 s.*stopTimeoutSeconds/),
    })
  })
})
