import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { TerminalAdapter } from '../../../adapters/terminal/adapter.ts'
import { Bot } from '../../../src/conversation/bot.ts'
import { en } from '../../../src/conversation/texts/en.ts'
import { MemoryThreadStore } from '../../../src/conversation/thread-store.ts'
import { AppError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logger.ts'
import { adapterContract } from '../../contract/adapter-contract.ts'
import { FakeAnswerer, questionText } from '../../helpers/fake-answerer.ts'

const CLIP = fileURLToPath(import.meta.url)

function terminal(clipPath?: string, interactive = false) {
  const input = new PassThrough()
  const output = new PassThrough()
  let shown = ''
  output.on('data', (chunk) => {
    shown += String(chunk)
  })
  const options = { input, output, status: { write: () => {} }, interactive }
  const adapter = new TerminalAdapter(clipPath === undefined ? options : { ...options, clipPath })
  return { adapter, input, shown: () => shown }
}

/** Everything that is shown for these lines, up to the end of the input. */
async function talk(lines: string[], answerer = new FakeAnswerer(), clipPath?: string): Promise<string> {
  const { adapter, input, shown } = terminal(clipPath)
  const bot = new Bot({ answerer, store: new MemoryThreadStore(), logger: createLogger('silent') })
  const running = adapter.run(bot, new AbortController().signal)
  input.end(`${lines.join('\n')}\n`)
  await running
  return shown()
}

adapterContract('terminal', CLIP, () => {
  const { adapter, input, shown } = terminal()
  return {
    adapter,
    post(text, clipPath) {
      input.write(`${clipPath === undefined ? '' : `/clip ${clipPath}\n`}${text}\n`)
    },
    stop: () => adapter.interrupt(),
    reset: () => input.write('/reset\n'),
    forget: () => input.write('/forget\n'),
    shown,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what must not come through
    hostile: { text: '\u001b]0;title\u0007\u001b[2J\u009b31m', sign: /[\u0007\u001b\u009b]/u },
  }
})

it('takes each piped line as a turn and ends with the input', async () => {
  const answerer = new FakeAnswerer()
  expect(await talk(['one', '', 'two'], answerer, CLIP)).toBe('You said: [clip-1] one\nYou said: two\n')
})

it('leaves at /quit without reading on', async () => {
  const answerer = new FakeAnswerer()
  await talk(['one', '/quit', 'two'], answerer, CLIP)
  expect(answerer.questions.map(questionText)).toEqual(['[clip-1] one'])
})

it('says what is wrong with a command and goes on', async () => {
  const shown = await talk(['/clip', '/clip /nowhere/x.mp4', '/dance', '/stats', '/help'])
  expect(shown).toContain('Which clip?')
  expect(shown).toContain('There is no file /nowhere/x.mp4.')
  expect(shown).toContain('There is no command /dance')
  expect(shown).toContain('There is no answer yet.')
  expect(shown).toContain('/reset      forget what was said; the clips stay')
})

it('takes a quoted path, as a dropped file brings it', async () => {
  const answerer = new FakeAnswerer()
  await talk([`/clip '${CLIP}'`, 'What?'], answerer)
  expect(questionText(answerer.questions[0]!)).toBe('[clip-1] What?')
})

it('sends the clip again after a question that failed for another reason than the clip', async () => {
  const answerer = new FakeAnswerer((question) =>
    questionText(question).includes('long') ? { fail: new AppError('QUESTION_TOO_LONG', 'too long') } : { say: 'Yes.' },
  )
  const shown = await talk(['long', 'short'], answerer, CLIP)
  expect(shown).toBe(`${en.errors.QUESTION_TOO_LONG}\nYes.\n`)
  expect(questionText(answerer.questions[1]!)).toBe('[clip-1] short')
})

it('shows what the last answer cost', async () => {
  const shown = await talk(['one', '/stats'], new FakeAnswerer(), CLIP)
  expect(shown).toMatch(/^generate +40\.0$/m)
  expect(shown).toMatch(/^answer tokens +4$/m)
})

it('warns at the first Ctrl-C of an idle prompt and leaves at the second', async () => {
  const { adapter, shown } = terminal(undefined, true)
  const bot = new Bot({ answerer: new FakeAnswerer(), store: new MemoryThreadStore(), logger: createLogger('silent') })
  const running = adapter.run(bot, new AbortController().signal)
  expect(adapter.interrupt()).toBe('warned')
  expect(shown()).toContain('Ctrl-C again')
  expect(adapter.interrupt()).toBe('quit')
  await running
})
