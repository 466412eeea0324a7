import { describe, expect, it } from 'vitest'
import { RememberingModel } from '../../../src/language-model/ask-model.ts'
import { joinPieces } from '../../../src/language-model/streamed-answer.ts'
import { type ChatFault, startChat, TOKENS } from '../../doubles/chat-completions/chat-double.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const PROMPT = { system: 'Ask.', user: 'Caption: a dog', form: { name: 'dialogue', schema: {} } }

function modelAt(url: string, isStreamed: boolean, cache = temporaryFolder()) {
  const generator = {
    baseUrl: url,
    model: 'm',
    key: null,
    temperature: 0,
    structure: 'words',
    timeoutMs: 60_000,
  } as const
  return new RememberingModel({ ...generator, isStreamed }, cache, undefined, async () => {})
}

describe('an answer that comes piece by piece', () => {
  it('is the same as one that comes at once, tokens and all, and stands for it in the cache', async () => {
    const text = 'Zwei Vögel 鸟 fliegen.\n\n"So," says one.'
    const chat = await startChat(() => text)
    const cache = temporaryFolder()
    const streamed = await modelAt(chat.url, true, cache).ask(PROMPT, 0)
    expect(streamed).toEqual({
      ...{ text, isRefused: false, isCut: false },
      ...{ inputTokens: TOKENS.prompt_tokens, outputTokens: TOKENS.completion_tokens },
    })
    expect(chat.seen[0]!.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(await modelAt(chat.url, false).ask(PROMPT, 0)).toEqual(streamed)
    expect(chat.seen[1]!.body.stream).toBeUndefined()
    await modelAt(chat.url, false, cache).ask(PROMPT, 0)
    expect(chat.seen).toHaveLength(2)
  })

  it('tells a refusal and a cut', async () => {
    const chat = await startChat((_, number) => (number === 0 ? { refusal: 'No, sorry.' } : { cutAt: 'Two bir' }))
    const model = modelAt(chat.url, true)
    expect(await model.ask(PROMPT, 0)).toMatchObject({ isRefused: true, isCut: false, text: '' })
    expect(await model.ask(PROMPT, 1)).toMatchObject({ isRefused: false, isCut: true, text: 'Two bir' })
  })

  it.each<[ChatFault]>([['breaks-off'], ['ends-early'], [{ status: 500 }], ['a-page']])(
    'is asked for again when it %o',
    async (fault) => {
      const chat = await startChat((_, number) => (number === 0 ? { fault } : 'whole'))
      const model = modelAt(chat.url, true)
      expect((await model.ask(PROMPT, 0)).text).toBe('whole')
      expect(model.spent).toMatchObject({ asked: 1, retries: 1 })
    },
  )
})

describe('the pieces of a stream', () => {
  const piece = (content: string, reason: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: reason }] })}`
  const textOf = (stream: string) =>
    (joinPieces(stream) as { choices: [{ message: { content: string } }] } | null)?.choices[0].message.content ?? null

  it.each([
    ['line ends of every kind', `${piece('a')}\r\n\r\n${piece('b')}\n\ndata: [DONE]\n\n`, 'ab'],
    ['comments, names and numbers', `: hi\n\nevent: x\nid: 7\n${piece('a')}\n\ndata:[DONE]`, 'a'],
    ['no end but a reason', `${piece('a')}\n\n${piece('', 'stop')}`, 'a'],
    ['an end but no reason', `${piece('a')}\n\ndata: [DONE]`, 'a'],
    ['something after the end', `${piece('a')}\n\ndata: [DONE]\n\ndata: junk`, 'a'],
    ['neither end nor reason', `${piece('a')}\n\n`, null],
    ['an error in the middle', `${piece('a')}\n\ndata: {"error": {"message": "full"}}\n\ndata: [DONE]`, null],
    ['a piece that is no JSON', `${piece('a')}\n\ndata: {"choi\n\ndata: [DONE]`, null],
    [
      'other answers beside the first',
      'data: {"choices": [{"index": 1, "delta": {"content": "x"}}]}\n\ndata: [DONE]',
      '',
    ],
  ])('are joined or given up: %s', (_, stream, text) => {
    expect(textOf(stream)).toBe(text)
  })
})
