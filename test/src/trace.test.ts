import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../src/logger.ts'
import { currentTrace, inTrace } from '../../src/trace.ts'
import { FakeAnswerer } from '../helpers/fake-answerer.ts'
import { message } from '../helpers/messages.ts'
import { endOf, openConversation } from '../helpers/open-conversation.ts'

function traceOf(line: string | undefined): unknown {
  return (JSON.parse(line ?? '{}') as { trace?: unknown }).trace
}

describe('a trace', () => {
  it('is on every line that an event led to, and differs between events that run side by side', async () => {
    const lines: string[] = []
    const logger = createLogger('info', { write: (line) => lines.push(line) })
    await Promise.all(
      ['a', 'b'].map((name) =>
        inTrace(async () => {
          logger.info({ name }, 'begins')
          await sleep(1)
          inTrace(() => logger.info({ name }, 'ends'))
        }),
      ),
    )
    const traces = (name: string) => lines.filter((line) => line.includes(`"name":"${name}"`)).map(traceOf)
    const [first, second] = [traces('a'), traces('b')]
    expect(first[0]).toMatch(/^[0-9a-f]{16}$/)
    expect(first).toEqual([first[0], first[0]])
    expect(second).toEqual([second[0], second[0]])
    expect(first[0]).not.toBe(second[0])
  })

  it('is not on lines that no event led to', () => {
    const lines: string[] = []
    createLogger('info', { write: (line) => lines.push(line) }).info('starts')
    expect(traceOf(lines[0])).toBeUndefined()
    expect(currentTrace()).toBeUndefined()
  })

  it('goes with a question from the event to the line of its answer', async () => {
    const log: string[] = []
    const { bot } = openConversation(new FakeAnswerer(), {}, log)
    const trace = await inTrace(async () => {
      await endOf(bot.ask(message('one', ['/a'])))
      return currentTrace()
    })
    await endOf(bot.ask(message('two')))
    const answered = log.filter((line) => line.includes('"msg":"answered"')).map(traceOf)
    expect(answered[0]).toBe(trace)
    expect(answered[1]).toMatch(/^[0-9a-f]{16}$/)
    expect(answered[1]).not.toBe(trace)
  })
})
