// A link becomes an embed a moment after its post: Discord sends the post once more, with the embed.
import { type Client, Events, type Message, type PartialMessage } from 'discord.js'
import { UNFOLD_WAIT_MS } from './limits.ts'

/** True when the post holds a link that Discord may still turn into a video. */
export function mayUnfold({ content, attachments, embeds, messageSnapshots }: Message): boolean {
  return attachments.size + embeds.length + messageSnapshots.size === 0 && /https?:\/\//.test(content)
}

/** Waits until Discord has looked at the links of a post, a few seconds at most. @returns the post as it is then */
export function waitForEmbeds(client: Client, message: Message): Promise<Message> {
  return new Promise((resolve) => {
    const end = (result: Message) => {
      clearTimeout(timer)
      client.off(Events.MessageUpdate, listen)
      resolve(result)
    }
    const listen = (_before: Message | PartialMessage, after: Message | PartialMessage) => {
      if (after.id === message.id && !after.partial && after.embeds.length > 0) end(after)
    }
    const timer = setTimeout(() => end(message), UNFOLD_WAIT_MS)
    client.on(Events.MessageUpdate, listen)
  })
}
