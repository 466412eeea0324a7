// People choose their own names: one that wants to be an order, a mention or a link stays a name.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPackage } from '../../src/model-package/open-package.ts'
import { PromptBuilder } from '../../src/valley/prompt.ts'
import { finished, useValley } from '../adapters/slack/slack-talk.ts'
import { CAT, type DiscordStage, openStage } from '../helpers/discord-stage.ts'
import { questionText } from '../helpers/fake-answerer.ts'
import { buildTinyPackage } from '../helpers/tiny-package.ts'
import { HOSTILE_NAMES } from './injections.ts'

const MARKS = /###|<\/?s>|<im_|<vi_/g
let prompts: PromptBuilder

beforeAll(async () => {
  prompts = await PromptBuilder.open(await openPackage(await buildTinyPackage('mean')))
})

/** How many marks the prompt of a question has. */
function marksOf(words: string): number {
  const prompt = prompts.render([{ role: 'user', content: [{ type: 'text', text: words }] }])
  return prompt.match(MARKS)?.length ?? 0
}

describe('on Discord', () => {
  let stage: DiscordStage
  beforeEach(async () => {
    stage = await openStage()
  })
  afterEach(() => stage.close())

  it('a name in a question is a word of it', async () => {
    for (const name of HOSTILE_NAMES) {
      const before = stage.answerer.questions.length
      const named = stage.guild.person(name)
      stage.mention(`what does <@${named.id}> do?`, { files: [CAT] })
      await stage.discord.waitUntil(() => stage.answerer.questions.length > before)
      const question = stage.answerer.questions[before]!
      expect(question.messages).toHaveLength(1)
      expect(marksOf(questionText(question))).toBe(marksOf('what does Ben do?'))
    }
    expect(stage.discord.pings()).toEqual([])
  })
})

describe('on Slack', () => {
  const fixture = useValley()

  it('a name above the answer to a command is a name', async () => {
    const { slack } = fixture
    await fixture.start()
    for (const [number, name] of HOSTILE_NAMES.entries()) {
      const person = slack.team.addUser(name)
      const general = slack.team.addChannel(`general-${number}`)
      person.posts(general, 'look', { files: [CAT] })
      person.runs('/valley', 'what is it?', general)
      const reply = await finished(slack, general, /You said: \[clip-1\] what is it\?/)
      const [shown] = slack.repliesIn(general)
      expect(reply.threadTs).toBe(shown?.ts)
      expect(shown?.text).not.toMatch(/<[^>]*>/)
    }
    expect(slack.pings()).toEqual([])
  })
})
