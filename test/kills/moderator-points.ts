// Points of the way of a moderator's command on Discord: killed there, it is done by the next start, and leaves one trace.
import type { StartedValley } from '../helpers/started-valley.ts'
import { KILL_LIMIT_MS, type KillPoint, type KillStage, logged } from './kill-stage.ts'

const CALLBACKS = 'POST /interactions/:interaction/:token/callback'
const ANSWERS = 'PATCH /webhooks/:application/:token/messages/:message'

/** All of them; each commands in a guild of its own. */
export function moderatorPoints({ discord, auditOf }: KillStage): KillPoint[] {
  const said = (message: string) => (valley: StartedValley) => logged(valley, message)
  const asked = (route: typeof CALLBACKS | typeof ANSWERS) => () => {
    const before = discord.requests.length
    const isThere = () =>
      Array.from(discord.requests)
        .slice(before)
        .some((one) => one.route === route)
    return () => discord.waitUntil(isThere, KILL_LIMIT_MS)
  }
  const point = (name: string, place: (valley: StartedValley) => () => Promise<void>): KillPoint => {
    const guild = discord.guild(name)
    const [videos, mods] = [guild.channel('videos'), guild.channel('mods')]
    const mara = guild.person('Mara')
    guild.role('moderators', { permissions: ['ManageGuild'], people: [mara] })
    return {
      name: `Discord: ${name}`,
      reach: async (valley) => {
        await discord.waitUntil(() => discord.commands.length > 1, KILL_LIMIT_MS)
        const reached = place(valley)
        mara.usesCommand(mods, 'valley watch', { channel: videos })
        await reached()
      },
      shown: async () => {
        let lines: string[] = []
        const untilMs = performance.now() + KILL_LIMIT_MS
        while (lines.length === 0 && performance.now() < untilMs) {
          const { content } = await mara.usesCommand(mods, 'valley status').answer()
          lines = content.split('\n').filter((line) => line.includes(videos.id))
        }
        const audit = await auditOf(`discord:${guild.id}`)
        // The channel is watched once, and one line says who had it watched.
        return lines.length === 1 ? audit.map(({ action, target }) => `${action} ${target}`) : lines
      },
    }
  }
  return [
    point("a moderator's command is written down", said('question written down')),
    point("a moderator's command is taken", said('question taken')),
    point("a moderator's command is being acknowledged", asked(CALLBACKS)),
    point("the answer to a moderator's command is shown and not yet settled", asked(ANSWERS)),
  ]
}
