import { describe, expect, it } from 'vitest'
import { splitReply } from '../../../src/conversation/split-reply.ts'

/** Numbers in [0, 1) that are the same each time. Source: mulberry32. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const ATOMS = [
  'word',
  'a',
  'sentence.',
  '中文句子。',
  '[the manual](https://example.com/a_b?c=d)',
  'https://example.com/a/long/way/down#here',
  '<:ball:1234567890>',
  '👩‍👩‍👧‍👦',
  '🇪🇸',
  'é',
  '𝒳',
  '`inline code`',
  '**bold words**',
  ':smile:',
]
/** Atoms that must never be parted. */
const WHOLE = ATOMS.slice(4)

function randomText(random: () => number): string {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
  const blocks = Array.from({ length: 1 + Math.floor(random() * 8) }, () => {
    const glue = pick([' ', ' ', '\n', ''])
    // An address without a space behind it would go on into the next word.
    const atoms = glue === '' ? ATOMS.filter((atom) => !atom.startsWith('http')) : ATOMS
    const words = Array.from({ length: 1 + Math.floor(random() * 40) }, () => pick(atoms))
    if (random() > 0.3) return words.join(glue)
    const lines = Array.from(
      { length: Math.floor(random() * 12) },
      (_, index) => `  line(${index}) // ${pick(['x', '中', '🎈'])}`,
    )
    const mark = pick(['```', '~~~', '````'])
    return `${mark}${pick(['', 'ts'])}\n${lines.join('\n')}\n${mark}`
  })
  return blocks.join(pick(['\n\n', '\n']))
}

/** Letters alone: what must be the same after splitting. */
function letters(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^(?:```|~~~)/.test(line))
    .join('')
    .replace(/\s/g, '')
}

/** Lines that open or close code, in a message. */
function fencesOf(message: string): number {
  return message.split('\n').filter((line) => /^(?:```|~~~)/.test(line)).length
}

describe('whatever the text and the limit', () => {
  const random = seeded(7)
  const cases = Array.from({ length: 400 }, () => ({
    text: randomText(random),
    limit: 64 + Math.floor(random() * 400),
  }))

  it('no message is empty or above the limit', () => {
    for (const { text, limit } of cases) {
      for (const message of splitReply(text, limit)) {
        expect(message.trim()).not.toBe('')
        expect(message.length).toBeLessThanOrEqual(limit)
      }
    }
  })

  it('nothing is lost, doubled or moved', () => {
    for (const { text, limit } of cases) {
      expect(letters(splitReply(text, limit).join('\n'))).toBe(letters(text))
    }
  })

  it('every code block is closed in its message', () => {
    for (const { text, limit } of cases) {
      for (const message of splitReply(text, limit)) expect(fencesOf(message) % 2, message).toBe(0)
    }
  })

  it('links, emoji, code in a line and bold words stay whole', () => {
    for (const { text, limit } of cases) {
      const messages = splitReply(text, limit)
      for (const atom of WHOLE) {
        const count = (where: string) => where.split(atom).length - 1
        expect(
          messages.reduce((sum, message) => sum + count(message), 0),
          `${atom} at ${limit} in ${text}`,
        ).toBe(count(text))
      }
    }
  })

  it('no surrogate pair is parted', () => {
    for (const { text, limit } of cases) {
      for (const message of splitReply(text, limit)) expect(message).not.toMatch(/\p{Surrogate}/u)
    }
  })

  it('splitting a message again changes nothing', () => {
    for (const { text, limit } of cases) {
      for (const message of splitReply(text, limit)) expect(splitReply(message, limit)).toEqual([message.trimEnd()])
    }
  })
})

it('leaves a text that fits as it is', () => {
  expect(splitReply('Just **one** line.', 2000)).toEqual(['Just **one** line.'])
  expect(splitReply('a'.repeat(64), 64)).toEqual(['a'.repeat(64)])
  expect(splitReply(' \n ', 64)).toEqual([])
})

it('cuts between paragraphs rather than in one', () => {
  const [first, second] = ['One. '.repeat(9).trim(), 'Two. '.repeat(10).trim()]
  expect(splitReply(`${first}\n\n${second}`, 64)).toEqual([first, second])
})

it('cuts between sentences rather than between words', () => {
  expect(splitReply(`${'word '.repeat(9)}end. Another sentence that goes on and on`, 64)).toEqual([
    `${'word '.repeat(9)}end.`,
    'Another sentence that goes on and on',
  ])
})

it('keeps the indentation of a line that begins a message', () => {
  const text = `- ${'item '.repeat(10).trim()}\n  - ${'below '.repeat(8).trim()}`
  expect(splitReply(text, 64)[1]).toMatch(/^ {2}- below/)
})

it('moves a code block that fits into one message to the next as a whole', () => {
  const code = '```ts\nconst a = 1\nconst b = 2\n```'
  const words = 'word '.repeat(9).trim()
  expect(splitReply(`${words}\n${code}`, 64)).toEqual([words, code])
})

it('closes and opens a code block that is longer than a message, with its language, at the ends of lines', () => {
  const lines = Array.from({ length: 10 }, (_, index) => `    call(${index});`)
  expect(splitReply(`\`\`\`ts\n${lines.join('\n')}\n\`\`\``, 64)).toEqual([
    `\`\`\`ts\n${lines.slice(0, 4).join('\n')}\n\`\`\``,
    `\`\`\`ts\n${lines.slice(4, 8).join('\n')}\n\`\`\``,
    `\`\`\`ts\n${lines.slice(8).join('\n')}\n\`\`\``,
  ])
})

it('closes the code block of a text that ends within one', () => {
  expect(splitReply('```\nhalf of the co', 2000)).toEqual(['```\nhalf of the co\n```'])
})

it('keeps an address that is nearly as long as a message in one piece', () => {
  const address = `https://example.com/${'a'.repeat(40)}`
  expect(splitReply(`See this page: ${address} now`, 64)).toEqual(['See this page:', `${address} now`])
})

it('cuts an address that fits into no message', () => {
  const address = `https://example.com/${'a'.repeat(100)}`
  const messages = splitReply(address, 64)
  expect(messages.join('')).toBe(address)
  expect(messages).toHaveLength(2)
})

it('parts nothing but code points when one character alone is longer than a message', () => {
  const character = `e${'\u0301'.repeat(100)}`
  expect(splitReply(character, 64).join('')).toBe(character)
})

it('leaves full messages as they are while a text grows', () => {
  const text = `${'A sentence of words. '.repeat(20)}\n\n\`\`\`\n${'code();\n'.repeat(30)}\`\`\`\nThe end.`
  let before: string[] = []
  for (let length = 1; length <= text.length; length++) {
    const messages = splitReply(text.slice(0, length), 100)
    // The last full message may still change with the word that ends it.
    const settled = before.slice(0, -2)
    expect(messages.slice(0, settled.length)).toEqual(settled)
    before = messages
  }
})
