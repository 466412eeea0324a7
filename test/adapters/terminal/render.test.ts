import { afterEach, expect, it, vi } from 'vitest'
import { plainLine, plainText } from '../../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../../adapters/terminal/progress-line.ts'
import { showReply } from '../../../adapters/terminal/render.ts'
import { timingTable } from '../../../adapters/terminal/timing-table.ts'
import type { ReplyEvent } from '../../../src/conversation/message.ts'
import { reportOf } from '../../helpers/fake-answerer.ts'

function stream(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

afterEach(() => vi.useRealTimers())

async function shown(events: ReplyEvent[]): Promise<string> {
  const output = stream(false)
  async function* all() {
    yield* events
  }
  await showReply(all(), output, new ProgressLine(stream(true)))
  return output.written.join('')
}

it('writes a reply that did not stream as a whole, and one that streamed only once', async () => {
  expect(await shown([{ type: 'end', reply: { kind: 'answer', text: 'Yes.', notices: [], actions: [] } }])).toBe(
    'Yes.\n',
  )
  expect(
    await shown([
      { type: 'delta', text: 'Yes' },
      { type: 'delta', text: '.' },
      { type: 'end', reply: { kind: 'answer', text: 'Yes.', notices: ['Short.'], actions: [] } },
    ]),
  ).toBe('Yes.\n(Short.)\n')
})

it('marks an answer that was stopped', async () => {
  const reply = { kind: 'cancelled', text: 'Yes', notices: [], actions: [] } as const
  expect(
    await shown([
      { type: 'delta', text: 'Yes' },
      { type: 'end', reply },
    ]),
  ).toBe('Yes [stopped]\n')
})

it('keeps the progress line within the terminal and wipes it', () => {
  const terminal = stream(true, 10)
  const line = new ProgressLine(terminal)
  line.show('a long text\nof two lines')
  line.clear()
  line.clear()
  expect(terminal.written).toEqual(['\r\u001b[Ka long te', '\r\u001b[K'])
})

it('tells a log file every half a minute how far long work is, and of short work nothing', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const file = stream(false)
  const line = new ProgressLine(file)
  for (let second = 0; second <= 70; second += 1) {
    line.show(`question ${second} of 70`)
    vi.advanceTimersByTime(1000)
  }
  line.clear()
  expect(file.written).toEqual(['question 30 of 70\n', 'question 60 of 70\n'])
})

it('lets no control character through, and keeps every other one', () => {
  expect(plainText('a\u001b[31mb\r\n\tc\u0007 é 🎈 中')).toBe('a[31mb\n\tc é 🎈 中')
  expect(plainLine('one\r\n two\tthree\u2028four')).toBe('one two three four')
})

it('lines the costs of several answers up', () => {
  expect(timingTable([reportOf('a b'), { ...reportOf('c'), timingsMs: { generate: 7, total: 1234.56 } }])).toBe(
    [
      'stage (ms)         answer 1  answer 2',
      'probe                   1.0',
      'decode                  2.0',
      'generate               40.0       7.0',
      'total                  50.0    1234.6',
      'prompt tokens             3         3',
      'of them reused            0         0',
      'answer tokens             2         1',
      'tokens per second      25.0      25.0',
      '',
    ].join('\n'),
  )
})
