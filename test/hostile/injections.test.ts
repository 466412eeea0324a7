// Words that want to be more than words: in a question, in the name of a file, and in an answer, which is where text that
// stands in a picture comes out.
import { beforeAll, describe, expect, it } from 'vitest'
import { toMessages } from '../../adapters/slack/render.ts'
import { plainText } from '../../adapters/terminal/plain-text.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { PromptBuilder, type PromptMessage } from '../../src/valley/prompt.ts'
import { FakeAnswerer } from '../helpers/fake-answerer.ts'
import { message } from '../helpers/messages.ts'
import { endOf, openConversation } from '../helpers/open-conversation.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'
import { ALL_INJECTIONS, OTHER_THREADS_SECRET, SYSTEM_PROMPT } from './injections.ts'

let prompts: PromptBuilder

beforeAll(async () => {
  prompts = await PromptBuilder.open(await openPackage(await buildTinyPackage('mean')))
})

const user = (words: string): PromptMessage => ({ role: 'user', content: [{ type: 'text', text: words }] })

/** How often the prompt has each mark that has a meaning. */
function marksOf(words: string): number[] {
  const prompt = prompts.render([user(words)])
  const marks = ['###', '<s>', '</s>', '<im_start>', '<im_patch>', '<im_end>', '<vi_start>', '<vi_frame>', '<vi_end>']
  return marks.map((mark) => prompt.split(mark).length - 1)
}

describe('the list of attacks', () => {
  it('has at least sixty, each once', () => {
    expect(ALL_INJECTIONS.length).toBeGreaterThanOrEqual(60)
    expect(new Set(ALL_INJECTIONS).size).toBe(ALL_INJECTIONS.length)
  })
})

describe.each(ALL_INJECTIONS.map((attack) => [JSON.stringify(attack), attack] as const))('%s', (_, attack) => {
  it('in a question adds no mark to the prompt', () => {
    expect(marksOf(attack)).toEqual(marksOf('what moves?'))
  })

  it('in a question or in the name of a file brings in no word of another thread and no other system prompt', async () => {
    const answerer = new FakeAnswerer()
    const log: string[] = []
    const { bot } = openConversation(answerer, { settings: () => ({ systemPrompt: SYSTEM_PROMPT }) }, log)
    const there = { threadId: 'test:other', channelId: 'test:there', userId: 'test:bob' }
    await endOf(bot.ask(message(OTHER_THREADS_SECRET, ['/b'], there)))
    const clips = [{ platform: 'test', handle: '/a', name: attack }]
    const reply = await endOf(bot.ask({ ...message(attack), clips }))
    const question = answerer.questions[1]!
    expect(question.messages.map(({ role }) => role)).toEqual(['system', 'user'])
    expect(question.messages[0]!.content).toEqual([{ type: 'text', text: SYSTEM_PROMPT }])
    const words = question.messages[1]!.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
    expect(words).toEqual([attack.trim()])
    expect(JSON.stringify(question)).not.toContain(OTHER_THREADS_SECRET)
    expect(reply.text).not.toContain(OTHER_THREADS_SECRET)
    expect(log.join('')).not.toContain(JSON.stringify(attack).slice(1, -1))
    expect(log.join('')).not.toContain(OTHER_THREADS_SECRET)
  })

  it('in an answer is neither a mention nor a disguised link on Slack, and moves no cursor on a terminal', () => {
    const shown = toMessages(attack).join('\n')
    expect(shown).not.toMatch(/<[!@#]/)
    expect(shown).not.toMatch(/<(?:javascript|mailto):/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
    expect(plainText(attack)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  })
})
