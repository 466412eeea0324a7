// Answers to moderators' commands that one message does not hold.
import { expect, it } from 'vitest'
import { useModeratedValley } from './moderated-valley.ts'

const valley = useModeratedValley()

/** Rules with a number each, and a question of so many characters. */
function manyRules(count: number, characters: number): string {
  const rule = (_: unknown, index: number) =>
    `  - { name: rule ${index + 1}., lookFor: ["${`thing ${index + 1} `.padEnd(characters - 1, 'x')}?"] }`
  return `rules:\n${Array.from({ length: count }, rule).join('\n')}\n`
}

/** The texts that stand in the blocks of what Mara alone sees. */
function readBy(): string[] {
  const messages = valley.mara.ephemeralsIn(valley.mods)
  return messages.flatMap(({ blocks }) =>
    (blocks as { elements: { elements: { text?: string }[] }[] }[]).map(({ elements }) =>
      elements.flatMap((section) => section.elements.map(({ text = '' }) => text)).join(''),
    ),
  )
}

it('"/valley rules" shows each of sixty rules, though one message does not hold them', async () => {
  await valley.start({ rules: manyRules(60, 200) })
  valley.types(valley.mara, 'rules')
  const text = await valley.slack.waitUntil('the last rule', () => {
    const read = readBy().join('\n')
    return read.includes('rule 60.') && read
  })
  for (let number = 1; number <= 60; number += 1) expect(text).toContain(`thing ${number} `)
  expect(text).not.toContain('attached')
  expect(Math.max(...readBy().map(({ length }) => length))).toBeLessThanOrEqual(3000)
  expect(valley.seenBy(valley.ann)).toEqual([])
})

it('what all messages together do not hold is counted', async () => {
  const long = manyRules(64, 290).replace(/lookFor: \["([^"]*)\?"\]/g, (_, words: string) => {
    return `lookFor: [${Array.from({ length: 4 }, (__, index) => `"${words}${index}?"`).join(', ')}]`
  })
  await valley.start({ rules: long })
  valley.types(valley.mara, 'rules')
  const text = await valley.slack.waitUntil('the last message', () => {
    const read = readBy().join('\n')
    return /and \d+ more$/.test(read) && read
  })
  const shown = text.match(/• rule \d+\./g)!.length
  expect(shown).toBeGreaterThan(15)
  expect(text).toMatch(new RegExp(`and ${64 - shown} more$`))
  expect(Math.max(...readBy().map(({ length }) => length))).toBeLessThanOrEqual(3000)
})
