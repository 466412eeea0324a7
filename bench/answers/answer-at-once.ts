// What the engine answers with everything on that makes it fast: many prompts of mixed lengths at once, some of which begin as
// another does, with chunked prompts, shared steps, guesses and kept rows.
import type { Engine } from '../../src/engine/engine-api.ts'

const GREEDY = { temperature: 0, topP: 1, seed: 0, probe: false }

/** Prompts that are the same each time; every fourth goes on from the one before. */
export function promptsOfMixedLengths(count: number, mostWords = 60): string[] {
  const prompts: string[] = []
  for (let index = 0; index < count; index++) {
    const words = Array.from({ length: 2 + ((index * 37) % mostWords) }, (_, at) => wordOf(index * 7 + at * 13))
    prompts.push([...(index % 4 === 3 ? [prompts[index - 1]!] : []), ...words].join(' '))
  }
  return prompts
}

function wordOf(number: number): string {
  const letter = (at: number) => String.fromCharCode(97 + ((number * 11 + at * 5) % 26))
  return Array.from({ length: 1 + (number % 5) }, (_, at) => letter(at)).join('')
}

/** Asks all of them, a few at a time. @returns token ids of each answer */
export async function answerAtOnce(
  engine: Engine,
  prompts: readonly string[],
  maxTokens: number,
  atOnce: number,
): Promise<(readonly number[])[]> {
  const answers: (readonly number[])[] = []
  let next = 0
  const person = async () => {
    while (next < prompts.length) {
      const index = next++
      const messages = [{ role: 'user', content: [{ type: 'text', text: prompts[index]! }] }] as const
      for await (const event of engine.generate({ threadId: `prompt-${index}`, messages, maxTokens, ...GREEDY })) {
        if (event.type === 'end') answers[index] = event.tokenIds
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, person))
  return answers
}
