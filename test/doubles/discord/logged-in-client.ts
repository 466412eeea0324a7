// The real discord.js client, logged in to a pretended Discord, for the double's own tests.
import {
  Client,
  type ClientOptions,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  Partials,
} from 'discord.js'
import type { DiscordDouble } from './discord-double.ts'

/** All intents that an assistant needs, the privileged one for message content included. */
export const INTENTS = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.MessageContent,
]

/** Logs in and waits until the client is ready. The caller destroys it before it closes the double. */
export async function logIn(
  discord: DiscordDouble,
  intents = INTENTS,
  options: Partial<ClientOptions> = {},
): Promise<Client<true>> {
  const client = new Client({ intents, partials: [Partials.Channel], rest: discord.rest, ...options })
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve))
  await client.login(discord.token)
  return ready
}

/** The next message that the client hears of, that is not its own, and that the test accepts. */
export function nextMessage(client: Client<true>, accepts: (message: Message) => boolean = () => true) {
  return new Promise<Message>((resolve) => {
    const listen = (message: Message) => {
      if (message.author.id === client.user.id || message.system || !accepts(message)) return
      client.off(Events.MessageCreate, listen)
      resolve(message)
    }
    client.on(Events.MessageCreate, listen)
  })
}

/** The next interaction that the client hears of. */
export function nextInteraction(client: Client<true>): Promise<Interaction> {
  return new Promise((resolve) => client.once(Events.InteractionCreate, resolve))
}
