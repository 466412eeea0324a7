import { expect, it } from 'vitest'
import { safeMarkdown, toMessages, toMrkdwn } from '../../../adapters/slack/render.ts'

it.each([
  ['A **black** cat', 'A *black* cat'],
  ['A *black* cat and an _old_ one', 'A _black_ cat and an _old_ one'],
  ['**bold *and* italic**', '*bold _and_ italic*'],
  ['~~gone~~', '~gone~'],
  ['# What happens\nA cat.', '*What happens*\nA cat.'],
  ['- one\n- two\n  * three', '• one\n• two\n  • three'],
  ['1. one\n2. two', '1. one\n2. two'],
  ['2 * 3 * 4 = 24', '2 * 3 * 4 = 24'],
  ['snake_case_name', 'snake_case_name'],
  ['[words](https://example.com/a?b=c&d=e)', '<https://example.com/a?b=c&amp;d=e|words>'],
  ['![picture](https://example.com/x.png)', '<https://example.com/x.png|picture>'],
  ['`**code** <b>`', '`**code** &lt;b&gt;`'],
  ['```ts\nlet a = b && *c*\n```', '```\nlet a = b &amp;&amp; *c*\n```'],
  ['> said', '> said'],
  ['a < b & c > d', 'a &lt; b &amp; c &gt; d'],
])('shows %j as %j', (markdown, mrkdwn) => {
  expect(toMrkdwn(markdown)).toBe(mrkdwn)
})

it.each([
  '<!channel>',
  '<!here|here>',
  '<@U012AB3CD>',
  '<!subteam^S012>',
  '<#C012>',
  '[x](<!channel>)',
  '[<!channel>](https://example.com)',
  '[x](!channel)',
  '[x](@U012AB3CD)',
  '`<!channel>`',
  '```\n<!channel>\n```',
  '**<!everyone>**',
  '<<!channel>>',
])('leaves no mention in %j', (hostile) => {
  expect(toMrkdwn(hostile)).not.toMatch(/<[!@#]/)
  expect(safeMarkdown(hostile)).not.toMatch(/[<>]/)
})

it('is the same for a stream wherever it is cut', () => {
  const text = 'a <!channel> & <@U1> b'
  for (let cut = 0; cut <= text.length; cut += 1) {
    expect(safeMarkdown(text.slice(0, cut)) + safeMarkdown(text.slice(cut))).toBe(safeMarkdown(text))
  }
})

it('makes pieces of at most the length of a message, at the limit and one beyond', () => {
  expect(toMessages('a'.repeat(3000))).toHaveLength(1)
  expect(toMessages('a'.repeat(3001))).toHaveLength(2)
  const escapes = toMessages('&'.repeat(3001))
  expect(escapes.every(({ length }) => length <= 3000)).toBe(true)
  expect(escapes.join('')).toBe('&amp;'.repeat(3001))
})
