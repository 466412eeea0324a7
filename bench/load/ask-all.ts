// People of three guilds and a workspace who all ask within the same seconds: what they ask, and what came of each.
import { setTimeout as sleep } from 'node:timers/promises'
import { en } from '../../src/conversation/texts/en.ts'
import type { DiscordDouble } from '../../test/doubles/discord/discord-double.ts'
import type { Channel } from '../../test/doubles/discord/people/channel.ts'
import type { SlackDouble } from '../../test/doubles/slack/slack-double.ts'

/** A clip as people upload it. */
export interface ClipFile {
  readonly name: string
  readonly bytes: Buffer
}

/** One question on its way. */
export interface AskedQuestion {
  readonly by: 'post on Discord' | 'command on Discord' | 'post on Slack'
  /** Milliseconds until the platform knew that it arrived, or saw the first sign of an answer; null as long as not. */
  acknowledgedAfterMs(): number | null
  /** How it ended; null as long as it has not. */
  ended(): 'answered' | 'refused' | null
}

/** What each question ends with when it was answered: a button to go on with. */
const WHOLE = en.actions['more-detail']
const PEOPLE_A_PLACE = 10
/** https://discord.com/developers/docs/resources/channel#trigger-typing-indicator */
const TYPING_SHOWS_MS = 10_000
const GUILDS = 3
/** Of four questions in a row, these. */
const WAYS = ['post', 'command', 'post', 'slack'] as const

/** Asks so many questions, evenly over so many milliseconds. */
export async function askAll(
  { discord, slack }: { readonly discord: DiscordDouble; readonly slack: SlackDouble },
  clips: readonly ClipFile[],
  { count, withinMs }: { readonly count: number; readonly withinMs: number },
): Promise<AskedQuestion[]> {
  const guilds = Array.from({ length: GUILDS }, (_, number) => {
    const guild = discord.guild(`Guild ${number}`)
    const people = Array.from({ length: PEOPLE_A_PLACE }, (__, person) => guild.person(`Person ${person}`))
    return { general: guild.channel(), people }
  })
  const onSlack = Array.from({ length: PEOPLE_A_PLACE }, (_, person) => slack.team.addUser(`person-${person}`))
  const channel = slack.team.addChannel('general')
  const asked: AskedQuestion[] = []
  const turns = new Map<unknown, number>()
  /** In turns, so that nobody asks more than the limit of a person allows. */
  const next = <One>(people: readonly One[]): One => {
    const turn = turns.get(people) ?? 0
    turns.set(people, turn + 1)
    return people[turn % people.length]!
  }
  const begun = performance.now()
  for (let number = 0; number < count; number += 1) {
    await sleep(Math.max(0, (number * withinMs) / count - (performance.now() - begun)))
    const clip = clips[number % clips.length]!
    const { general, people } = guilds[number % GUILDS]!
    const way = WAYS[number % WAYS.length]!
    if (way === 'slack') {
      const ts = next(onSlack).posts(channel, '@valley What is in the clip?', { files: [clip] }).ts
      asked.push(slackQuestion(slack, channel, ts))
    } else if (way === 'post') {
      const post = next(people).posts(general, `${discord.bot.mention} What is in the clip?`, { files: [clip] })
      asked.push(postedQuestion(discord, general, post.id, Date.parse(post.timestamp)))
    } else {
      const used = next(people).usesCommand(general, 'valley ask', { question: 'What is in the clip?', clip })
      asked.push({
        by: 'command on Discord',
        acknowledgedAfterMs: () => used.acknowledgedAfterMs,
        ended: () => endOf(used.messages),
      })
    }
  }
  return asked
}

/** A post is answered in its thread, which has its id. */
function postedQuestion(discord: DiscordDouble, general: Channel, postId: string, postedMs: number): AskedQuestion {
  const replies = () => {
    const thread = discord.threadsOf(general).find(({ id }) => id === postId)
    return thread === undefined ? [] : discord.botMessagesIn(thread).filter(({ content }) => content !== '')
  }
  return {
    by: 'post on Discord',
    // In its channel the bot is typing as soon as it has heard it, or is still for one before.
    acknowledgedAfterMs: () => {
      const isSeen = ({ channelId, atMs }: { channelId: string; atMs: number }) =>
        channelId === general.id && atMs + TYPING_SHOWS_MS > postedMs
      const typing = discord.typing.find(isSeen)
      return typing === undefined ? null : Math.max(0, typing.atMs - postedMs)
    },
    ended: () => endOf(replies()),
  }
}

function slackQuestion(
  slack: SlackDouble,
  channel: Parameters<SlackDouble['repliesIn']>[0],
  ts: string,
): AskedQuestion {
  const delivery = slack.deliveries.findLast(({ payload }) => JSON.stringify(payload).includes(ts))
  return {
    by: 'post on Slack',
    acknowledgedAfterMs: () => (delivery?.outcome?.isAcknowledged ? delivery.outcome.afterMs : null),
    ended: () => {
      const replies = slack.repliesIn(channel).filter(({ threadTs }) => threadTs === ts)
      return endOf(replies.map(({ text, blocks }) => ({ content: text, components: blocks })))
    },
  }
}

function endOf(
  messages: readonly { readonly content: string; readonly components?: unknown }[],
): 'answered' | 'refused' | null {
  if (messages.some(({ components }) => JSON.stringify(components ?? []).includes(WHOLE))) return 'answered'
  // How long to wait stands at the end of the sentence.
  const limited = (['user', 'group'] as const).map((who) => en.rateLimited(who, 1).split(' in a ', 1)[0]!)
  const refusals = [...Object.values(en.errors), ...limited]
  return messages.some(({ content }) => refusals.some((sentence) => content.includes(sentence))) ? 'refused' : null
}
