import { describe, expect, it } from 'vitest'
import { makeRedactor, redactTokens } from '../../src/redact.ts'

/** Made up, in the platforms' form; put together here so that no scanner takes them for real ones. */
const part = (length: number) => 'aB3dE6gH9'.repeat(10).slice(0, length)
const SLACK_TOKENS = [
  `xoxb-123456789012-1234567890123-${part(24)}`,
  `xoxp-123456789012-${part(32)}`,
  `xapp-1-A0123456789-1234567890123-${part(64)}`,
  `xoxe.xoxp-1-${part(40)}`,
  `xoxe-1-${part(40)}`,
]
const DISCORD_TOKENS = [
  `MTIzNDU2Nzg5MDEyMzQ1Njc4.Gabc_E.${part(38)}`,
  `MTIzNDU2Nzg5MDEyMzQ1Njc4OQ.G-bcdE.${part(27)}`,
  `mfa.${part(84)}`,
]

const HUB_TOKENS = [`hf_${part(34)}`]

describe('text that leaves the program', () => {
  it.each([...SLACK_TOKENS, ...DISCORD_TOKENS, ...HUB_TOKENS])(
    'loses the token %s, whatever stands around it',
    (token) => {
      expect(redactTokens(token)).toBe('[secret]')
      for (const text of [`(${token})`, `"${token}"`, `a=${token}, b`, `token:${token}\n`, `${token}/${token}`]) {
        const clean = redactTokens(text)
        expect(clean).toContain('[secret]')
        expect(clean).not.toContain(token.slice(-20))
      }
    },
  )

  it.each([
    [
      'https://discord.com/api/v10/webhooks/123456/AbC-d_e/messages/1',
      'https://discord.com/api/v10/webhooks/123456/[secret]/messages/1',
    ],
    ['/interactions/123456/aW50ZXJh_Y3Rpb24/callback', '/interactions/123456/[secret]/callback'],
    ['https://hooks.slack.com/commands/T1/2/aBc', 'https://hooks.slack.com/[secret]'],
    [
      'https://cdn.discordapp.com/a/b.mp4?ex=1&is=2&hm=abcdef0123',
      'https://cdn.discordapp.com/a/b.mp4?ex=1&is=2&hm=[secret]',
    ],
    ['GET /slack/oauth_redirect?code=123.abc&state=eyJ', 'GET /slack/oauth_redirect?code=[secret]&state=[secret]'],
    ['https://user:pass@proxy.example:8080/', 'https://[secret]@proxy.example:8080/'],
    ['authorization: Bearer abcdefghijklmnop', 'authorization: Bearer [secret]'],
    ['{"headers":{"Authorization":"Bot short"}}', '{"headers":{"Authorization":"[secret]"}}'],
    ['{"client_secret":"a\\"b","team":"T1"}', '{"client_secret":"[secret]","team":"T1"}'],
    ['{"refreshToken": "abc", "botToken":"x"}', '{"refreshToken": "[secret]", "botToken":"[secret]"}'],
  ])('loses what is secret in %s', (text, expected) => {
    expect(redactTokens(text)).toBe(expected)
  })

  it.each([
    'The bot answered in 1234.5678.9012 ms; thread discord:123456789012345678:123456789012345678',
    '{"promptTokens":120,"answerTokens":7,"timingsMs":{"total":5},"thread":"slack:T1:C1:1700000000.000100"}',
    'https://example.com/clip.mp4?size=3&format=mp4',
    'sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
    'src/conversation/thread-store.ts:12:34 and /home/somebody/valley/models/valley-sticker-world',
  ])('keeps what is no secret: %s', (text) => {
    expect(redactTokens(text)).toBe(text)
  })

  it('loses known values wherever they are, also as JSON and addresses write them', () => {
    const redact = makeRedactor(['plain words', 'with "quotes" \\', 'abc', 'plain words and more'])
    expect(redact('a plain words b')).toBe('a [secret] b')
    expect(redact('plain words and more')).toBe('[secret]')
    expect(redact(JSON.stringify({ a: 'with "quotes" \\' }))).toBe('{"a":"[secret]"}')
    expect(redact(`?q=${encodeURIComponent('plain words')}`)).toBe('?q=[secret]')
    // Too short to be told from ordinary words.
    expect(redact('abc')).toBe('abc')
  })
})
