// Links to posts, as people copy them from Discord's menus.

/** A post that a link leads to. */
export interface LinkedMessage {
  readonly channelId: string
  readonly messageId: string
}

const LINK =
  /<?https:\/\/(?:(?:www|ptb|canary)\.)?discord(?:app)?\.com\/channels\/(?:@me|\d+)\/(\d{17,20})\/(\d{17,20})>?/g
/** More links than this in one post are passed over: each costs a request. */
const MAX_LINKS = 5

/** Finds links to posts. @returns them, each once, and the words without them */
export function takeMessageLinks(text: string): { links: LinkedMessage[]; text: string } {
  const links = new Map<string, LinkedMessage>()
  const rest = text.replaceAll(LINK, (link, channelId: string, messageId: string) => {
    if (links.size >= MAX_LINKS && !links.has(messageId)) return link
    links.set(messageId, { channelId, messageId })
    return ' '
  })
  return { links: [...links.values()], text: rest.replace(/[ \t]{2,}/g, ' ').trim() }
}
