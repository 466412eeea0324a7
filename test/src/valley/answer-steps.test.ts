import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { buildShape } from '../../../bench/build-shape.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { Decoder } from '../../../src/valley/decoder.ts'
import { GuessGate } from '../../../src/valley/guess-gate.ts'
import { Valley } from '../../../src/valley/valley.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const PROMPTS = Array.from({ length: 200 }, (_, index) =>
  Array.from({ length: 1 + ((index * 7) % 23) }, (_, at) =>
    String.fromCharCode(97 + ((index * 5 + at * 11) % 26)),
  ).join(''),
)

/** Greedy answers with guessing switched on or off, whatever pays; each twice in one conversation. */
async function answersOf(valley: Valley, prompts: readonly string[], guessing: boolean): Promise<number[][]> {
  const gate = vi.spyOn(GuessGate.prototype, 'isOpen', 'get').mockReturnValue(guessing)
  const answers: number[][] = []
  for (const [index, text] of prompts.entries()) {
    const conversation = valley.startConversation()
    for (const times of ['once', 'again']) {
      const request = {
        messages: [{ role: 'user', content: [{ type: 'text', text: `${text} ${times}` }] }] as const,
        maxTokens: 8 + (index % 25),
        temperature: 0,
        topP: 1,
        seed: 0,
        probe: false,
      }
      for await (const event of valley.answer(request, conversation)) {
        if (event.type === 'end') answers.push([...event.tokenIds])
      }
    }
  }
  gate.mockRestore()
  return answers
}

describe('guesses', () => {
  let valley: Valley
  beforeAll(async () => {
    valley = await Valley.open(await openPackage(await buildTinyPackage('mean')), { intraOpThreads: 1 })
  })
  afterAll(() => valley.dispose())

  it('change no token of 200 greedy answers and of a second question after each, and save runs', async () => {
    const steps = vi.spyOn(Decoder.prototype, 'decodeStep')
    const plain = await answersOf(valley, PROMPTS, false)
    const stepsPlain = steps.mock.calls.length
    steps.mockClear()
    const checks = vi.spyOn(Decoder.prototype, 'decodeAll')
    expect(await answersOf(valley, PROMPTS, true)).toEqual(plain)
    expect(checks.mock.calls.length).toBeGreaterThan(0)
    expect(steps.mock.calls.length + checks.mock.calls.length).toBeLessThan(stepsPlain)
  })

  it('are not made when tokens are drawn', async () => {
    const gate = vi.spyOn(GuessGate.prototype, 'isOpen', 'get').mockReturnValue(true)
    const checks = vi.spyOn(Decoder.prototype, 'decodeAll')
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'aa aa aa aa' }] }] as const
    const drawn = { messages, maxTokens: 20, temperature: 1, topP: 1, seed: 3, probe: false }
    for await (const event of valley.answer(drawn, valley.startConversation())) expect(event).toBeDefined()
    expect(checks).not.toHaveBeenCalled()
    gate.mockRestore()
  })
})

it('changes no token either where weights and activations are rounded to few bits', async () => {
  const directory = await buildShape(temporaryFolder(), 'small', 'int4')
  const valley = await Valley.open(await openPackage(directory), { intraOpThreads: 1 })
  const prompts = PROMPTS.slice(0, 20)
  expect(await answersOf(valley, prompts, true)).toEqual(await answersOf(valley, prompts, false))
  await valley.dispose()
})
