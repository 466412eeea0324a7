import { describe, expect, it } from 'vitest'
import type { ScoreRequest } from '../../../src/engine/engine-api.ts'
import { askYesNo, probabilityOfAny } from '../../../src/moderation/ask-yes-no.ts'

const scored = (tokenIds: number[], probability: number) => ({
  text: tokenIds.join(' '),
  tokenIds,
  logProbability: Math.log(probability),
})

/** An engine that gives each continuation the probability of its text, or a crumb. */
function engineSaying(probabilities: Readonly<Record<string, number>>) {
  const asked: ScoreRequest[] = []
  const engine = {
    score: async (request: ScoreRequest) => {
      asked.push(request)
      return request.continuations.map((text, index) => ({ ...scored([index], probabilities[text] ?? 1e-12), text }))
    },
  }
  return { engine, asked }
}

describe('askYesNo', () => {
  it('is the share of yes among yes and no, over all their spellings', async () => {
    const { engine, asked } = engineSaying({ Yes: 0.2, ' yes': 0.1, No: 0.5, NO: 0.1 })
    const { score, decided } = await askYesNo(engine, 'thread', 'clip', 'Is there a fox?')
    expect(score).toBeCloseTo(0.3 / 0.9, 9)
    expect(decided).toBeCloseTo(0.9, 9)
    expect(asked[0]).toMatchObject({
      threadId: 'thread',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'clip', key: 'clip' },
            { type: 'text', text: 'Is there a fox?' },
          ],
        },
      ],
    })
  })

  it('says so when the model would answer something else', async () => {
    const { engine } = engineSaying({ Yes: 0.01, No: 0.02 })
    expect((await askYesNo(engine, 'thread', 'clip', 'Is there a fox?')).decided).toBeCloseTo(0.03, 9)
  })
})

describe('probabilityOfAny', () => {
  it('counts a spelling once that the tokenizer does not tell apart from another', () => {
    expect(probabilityOfAny([scored([5], 0.3), scored([5], 0.3), scored([6], 0.1)])).toBeCloseTo(0.4, 9)
  })

  it('does not count an answer again that begins with another of them', () => {
    expect(probabilityOfAny([scored([5, 7], 0.2), scored([5], 0.3)])).toBeCloseTo(0.3, 9)
  })
})
