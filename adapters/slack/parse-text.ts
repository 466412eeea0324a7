// The text of a post becomes plain words: Slack's tokens in angle brackets, its three escapes, and links to other posts.

/** A link to a post. */
export interface Permalink {
  readonly channel: string
  readonly ts: string
}

/** What stands in the text of a post. */
export interface ParsedText {
  /** The words without the bot's name and without links to posts. */
  readonly words: string
  readonly mentionsBot: boolean
  /** True when somebody else is spoken to by name. */
  readonly mentionsOthers: boolean
  /** Links to other posts, in order. */
  readonly permalinks: readonly Permalink[]
}

const TOKEN = /<([^<>]+)>/g
const PERMALINK = /https:\/\/[a-z0-9.-]+\.slack\.com\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})(?:\?[\w.=&%;-]+)?/g

/** Reads the text of a post or of a slash command. */
export function parseText(text: string, botUserId: string): ParsedText {
  const permalinks: Permalink[] = []
  let mentionsBot = false
  let mentionsOthers = false
  const withoutTokens = text.replace(TOKEN, (_, token: string) => {
    const [target = '', label] = splitToken(token)
    if (target.startsWith('@')) {
      const isBot = target === `@${botUserId}`
      mentionsBot ||= isBot
      mentionsOthers ||= !isBot
      return isBot ? ' ' : `@${label ?? target.slice(1)}`
    }
    if (target.startsWith('#')) return `#${label ?? target.slice(1)}`
    if (target.startsWith('!')) return label ?? `@${target.slice(1)}`
    return target
  })
  const withoutLinks = withoutTokens.replace(PERMALINK, (_, channel: string, seconds: string, rest: string) => {
    permalinks.push({ channel, ts: `${seconds}.${rest}` })
    return ' '
  })
  const words = unescaped(withoutLinks)
    .replaceAll(/[^\S\n]+/g, ' ')
    .trim()
  return { words, mentionsBot, mentionsOthers, permalinks }
}

function splitToken(token: string): [string, string | undefined] {
  const bar = token.indexOf('|')
  return bar < 0 ? [token, undefined] : [token.slice(0, bar), token.slice(bar + 1)]
}

/** Takes Slack's three escapes back, and no others. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
