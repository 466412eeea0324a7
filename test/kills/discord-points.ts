// Points of a question's way on Discord: of a post, of a command, of a button.
import { en } from '../../src/conversation/texts/en.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { Guild } from '../doubles/discord/people/guild.ts'
import type { Person } from '../doubles/discord/people/person.ts'
import type { StartedValley } from '../helpers/started-valley.ts'
import { KILL_LIMIT_MS, type KillPoint, type KillStage, LATE_MS, logged } from './kill-stage.ts'

const POSTS = 'POST /channels/:channel/messages'
const EDITS = 'PATCH /channels/:channel/messages/:message'
const THREADS = 'POST /channels/:channel/messages/:message/threads'
const CALLBACKS = 'POST /interactions/:interaction/:token/callback'
const ANSWERS = 'PATCH /webhooks/:application/:token/messages/:message'
type Route = typeof POSTS | typeof EDITS | typeof THREADS | typeof CALLBACKS | typeof ANSWERS | 'cdn'

/** Where a question is: how it is known, prepared before it is asked. */
type Place = (valley: StartedValley, general: Channel) => () => Promise<void>
/** How it is asked. */
type Ask = (ana: Person, general: Channel) => void | Promise<void>

/** All of them; each asks in a guild of its own. */
export function discordPoints({ discord, clip }: KillStage): KillPoint[] {
  const files = [clip]
  const posts: Ask = (ana, general) => void ana.posts(general, `${discord.bot.mention} What is it?`, { files })
  const commands: Ask = (ana, general) =>
    void ana.usesCommand(general, 'valley ask', { question: 'What is it?', clip: { ...clip } })

  const said =
    (message: string): Place =>
    (valley) =>
      logged(valley, message)
  const asked =
    (route: Route, delayMs = 0): Place =>
    () => {
      const before = discord.requests.length
      if (delayMs > 0 && route !== 'cdn') discord.faults.add(route, { kind: 'slow', delayMs })
      const isThere = () =>
        Array.from(discord.requests)
          .slice(before)
          .some((one) => one.route === route)
      return () => discord.waitUntil(isThere, KILL_LIMIT_MS)
    }
  const halfOfClip: Place = (valley, general) => {
    discord.cdn.failNext({ kind: 'stalls', afterBytes: 100 })
    return asked('cdn')(valley, general)
  }
  const stands =
    (count: (general: Channel) => number): Place =>
    (_, general) => {
      const before = count(general)
      return () => discord.waitUntil(() => count(general) > before, KILL_LIMIT_MS)
    }

  /** What the bot wrote, there and in threads; Discord's own note of a thread has no words. */
  const messages = (general: Channel) =>
    [general, ...discord.threadsOf(general)].flatMap((channel) =>
      discord.botMessagesIn(channel).filter(({ content }) => content !== ''),
    )
  /** Whole answers; those have buttons to go on with. */
  const whole = (general: Channel) =>
    messages(general).filter(({ components }) => JSON.stringify(components).includes(en.actions['try-again']))

  const point = (name: string, ask: Ask, place: Place, isOrdinary = false): KillPoint => {
    const guild = discord.guild(name)
    const general = guild.channel()
    return {
      name: `Discord: ${name}`,
      isOrdinary,
      reach: async (valley) => {
        const reached = place(valley, general)
        await ask(guild.person('Ana'), general)
        await reached()
      },
      shown: async () => {
        discord.faults.clear()
        await discord.waitUntil(() => whole(general).length > 0, KILL_LIMIT_MS)
        return messages(general).map(({ content }) => content)
      },
    }
  }

  return [
    point('a post is written down', posts, said('question written down')),
    point('a post is taken', posts, said('question taken')),
    point('the thread of a post is being opened', posts, asked(THREADS)),
    point('the clip of a post is asked for', posts, asked('cdn')),
    point('half of the clip of a post is there', posts, halfOfClip, true),
    point('the reply to a post was posted, and Discord has not said so', posts, asked(POSTS, LATE_MS), true),
    point(
      'the first message of the reply to a post is there',
      posts,
      stands((general) => messages(general).length),
    ),
    point('the answer to a post is kept', posts, said('answered'), true),
    point('the answer to a post is being shown', posts, asked(EDITS, LATE_MS)),
    point(
      'the answer to a post is shown and not yet settled',
      posts,
      stands((general) => whole(general).length),
    ),
    point('a post is settled', posts, said('question settled')),
    point('a command is written down', commands, said('question written down')),
    point('a command is taken', commands, said('question taken')),
    point('a command is being acknowledged', commands, asked(CALLBACKS), true),
    point('the clip of a command is asked for', commands, asked('cdn')),
    point('the answer to a command is begun, and Discord has not said so', commands, asked(ANSWERS, LATE_MS)),
    point('the answer to a command is kept', commands, said('answered')),
    point(
      'the answer to a command is shown and not yet settled',
      commands,
      stands((general) => whole(general).length),
    ),
    point('a command is settled', commands, said('question settled')),
    buttonPoint('a button is taken', 'question taken'),
    buttonPoint('the answer to a button is kept', 'answered'),
  ]

  /** A press of "Try again" under an answer that takes the place of none: it is a message of its own. */
  function buttonPoint(name: string, message: string): KillPoint {
    const guild: Guild = discord.guild(name)
    const general = guild.channel()
    return {
      name: `Discord: ${name}`,
      reach: async (valley) => {
        const ana = guild.person('Ana')
        ana.posts(general, `${discord.bot.mention} What is it?`, { files })
        const settled = logged(valley, 'question settled')
        await discord.waitUntil(() => whole(general).length > 0, KILL_LIMIT_MS)
        await settled()
        const reached = logged(valley, message)
        ana.presses(whole(general)[0]!, en.actions['more-detail'])
        await reached()
      },
      shown: async () => {
        await discord.waitUntil(() => whole(general).length > 1, KILL_LIMIT_MS)
        return messages(general).map(({ content }) => content)
      },
      messages: 2,
    }
  }
}
