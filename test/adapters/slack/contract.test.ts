// The suite that every platform runs: in a direct message, and in a thread of a channel.
import { fileURLToPath } from 'node:url'
import { SlackAdapter } from '../../../adapters/slack/adapter.ts'
import { type AdapterUnderTest, adapterContract } from '../../contract/adapter-contract.ts'
import type { User } from '../../doubles/slack/people/user.ts'
import type { SlackDouble } from '../../doubles/slack/slack-double.ts'
import type { Channel } from '../../doubles/slack/world/channel.ts'
import type { Message } from '../../doubles/slack/world/message.ts'
import { CAT, openDouble, settingsFor } from './slack-talk.ts'

const CLIP = fileURLToPath(import.meta.url)

interface Scene {
  readonly slack: SlackDouble
  readonly ann: User
  readonly channel: Channel
  /** How a post is meant for Valley. */
  readonly prefix: string
  readonly inThread: boolean
}

function underTest({ slack, ann, channel, prefix, inThread }: Scene): AdapterUnderTest {
  let ready = () => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  let root: Message | undefined
  const post = (text: string, files: (typeof CAT)[]) => {
    const message = ann.posts(channel, `${prefix}${text}`, { files, thread: root })
    if (inThread) root ??= message
  }
  return {
    adapter: new SlackAdapter({ ...settingsFor(slack, []), onReady: () => ready() }),
    ready: () => isReady,
    close: () => slack.close(),
    post: (text, clipPath) => post(text, clipPath === undefined ? [] : [{ ...CAT, name: `${text}.mp4` }]),
    reset: () => post('reset', []),
    forget: () => post('forget', []),
    stop: () => {
      const shown = slack.repliesIn(channel).find(({ blocks }) => JSON.stringify(blocks).includes('valley_stop'))
      if (shown === undefined) throw new Error('There is no Stop button.')
      ann.presses(shown, 'valley_stop')
    },
    shown: () =>
      slack
        .messagesIn(channel)
        .filter(({ botId }) => botId !== null)
        .map(({ text }) => text)
        .join('\n'),
    hostile: { text: `<!channel> <@${ann.id}> <!subteam^S1> <https://x.example|y>`, sign: /<[!@h]/ },
  }
}

adapterContract('slack (direct message)', CLIP, async () => {
  const slack = await openDouble()
  const ann = slack.team.addUser('ann')
  return underTest({ slack, ann, channel: ann.directMessage, prefix: '', inThread: false })
})

adapterContract('slack (thread)', CLIP, async () => {
  const slack = await openDouble()
  const ann = slack.team.addUser('ann')
  return underTest({ slack, ann, channel: slack.team.addChannel('general'), prefix: '@valley ', inThread: true })
})
