// Points of a question's way on Slack: of a post, of a command.
import { slowAnswer } from '../doubles/slack/web-api/faults.ts'
import type { Channel } from '../doubles/slack/world/channel.ts'
import type { StartedValley } from '../helpers/started-valley.ts'
import { KILL_LIMIT_MS, type KillPoint, type KillStage, LATE_MS, logged } from './kill-stage.ts'

const LIMIT = { limitMs: KILL_LIMIT_MS }

/** Where a question is: how it is known, prepared before it is asked. */
type Place = (valley: StartedValley, general: Channel) => () => Promise<unknown>

/** All of them; each asks in a channel of its own. */
export function slackPoints({ slack, clip }: KillStage): KillPoint[] {
  const ann = slack.team.addUser('ann')
  const said =
    (message: string): Place =>
    (valley) =>
      logged(valley, message)
  const called =
    (method: string, delayMs = 0): Place =>
    () => {
      const before = slack.requests().length
      if (delayMs > 0) slack.plan(method, slowAnswer(delayMs))
      const isThere = () =>
        slack
          .requests()
          .slice(before)
          .some((call) => call.method === method)
      return () => slack.waitUntil(method, isThere, LIMIT)
    }
  const stands =
    (message: RegExp): Place =>
    (_, general) =>
    () =>
      slack.waitForMessage(general, message, KILL_LIMIT_MS)

  const point = (name: string, isCommand: boolean, place: Place, isOrdinary = false): KillPoint => {
    const general = slack.team.addChannel(name.replaceAll(/\W+/g, '-'))
    return {
      name: `Slack: ${name}`,
      isOrdinary,
      // A command's question is repeated above its answer.
      messages: isCommand ? 2 : 1,
      reach: async (valley) => {
        if (isCommand) ann.posts(general, 'look', { files: [clip] })
        const reached = place(valley, general)
        if (isCommand) ann.runs('/valley', 'What is it?', general)
        else ann.posts(general, '@valley What is it?', { files: [clip] })
        await reached()
      },
      shown: async () => {
        const isWhole = ({ blocks }: { readonly blocks: unknown }) =>
          JSON.stringify(blocks).includes('valley_try_again')
        await slack.waitForMessage(general, isWhole, KILL_LIMIT_MS)
        return slack.repliesIn(general).map(({ text }) => text)
      },
    }
  }

  return [
    point('a post is written down', false, said('question written down')),
    point('a post is taken', false, said('question taken')),
    point('the reply to a post was posted and Slack has not said so', false, called('chat.postMessage', LATE_MS), true),
    point('the first message of the reply to a post is there', false, stands(/./)),
    point('the answer to a post is kept', false, said('answered')),
    point('the answer to a post is being shown', false, called('chat.update', LATE_MS)),
    point('a post is settled', false, said('question settled')),
    point('a command is written down', true, said('question written down')),
    point('a command is taken', true, said('question taken')),
    point('the question of a command was posted and Slack has not said so', true, called('chat.postMessage', LATE_MS)),
    point('the question of a command is there', true, stands(/What is it/), true),
    point('the answer to a command is kept', true, said('answered')),
    point('a command is settled', true, said('question settled')),
  ]
}
