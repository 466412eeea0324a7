// Valley on a pretended Discord with moderation on: the real client, real clips, a scripted engine. Mara looks after the guild
// and has a channel of the moderators.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { APIMessage } from 'discord.js'
import type { Engine } from '../../src/engine/engine-api.ts'
import type { ModerationSettings } from '../../src/moderation/watch/settings.ts'
import type { Channel } from '../doubles/discord/people/channel.ts'
import type { Person } from '../doubles/discord/people/person.ts'
import { type DiscordStage, openStage, type StageOptions } from './discord-stage.ts'
import { LOSSLESS_H264, writeColourClip } from './make-clips.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { openWireDesk, type WireDesk } from './wire-desk.ts'

/** How it is opened. */
export interface ModeratedDiscordOptions {
  readonly engine: Engine
  /** Read at each start, so that they can name what there is by then. */
  readonly rules?: () => string
  readonly settings?: Partial<ModerationSettings>
  readonly stage?: StageOptions
  /** Gets the lines that the desk logs. */
  readonly log?: Record<string, unknown>[]
}

/** It runs; the caller closes the stage. */
export interface ModeratedDiscord {
  readonly stage: DiscordStage
  readonly mods: Channel
  readonly mara: Person
  /** That of the last start; its records outlast restarts. */
  desk(): WireDesk
  /** Has Mara watch a channel. */
  watch(channel: Channel): Promise<APIMessage>
  /** Waits for an alert in the moderators' channel. */
  alert(): Promise<APIMessage>
}

const LIMIT_MS = 60_000

/** Opens it. */
export async function openModeratedDiscord(options: ModeratedDiscordOptions): Promise<ModeratedDiscord> {
  const { engine, rules, settings = {}, log = [] } = options
  let desk: WireDesk | null = null
  const opened = () => {
    if (desk === null) throw new Error('no desk was opened')
    return desk
  }
  const stage = await openStage({
    ...options.stage,
    prepare: async ({ moderated, locateClip }, discord) => {
      await desk?.stop()
      const kept = desk === null ? {} : { databaseFile: desk.databaseFile }
      const rest = { ...kept, ...(rules === undefined ? {} : { rules: rules() }) }
      desk = await openWireDesk({ moderated, locateClip, trustedHosts: [discord.host], engine, settings, log, ...rest })
    },
  })
  const mods = stage.guild.channel('mods')
  const mara = stage.guild.person('Mara')
  stage.guild.role('moderators', {
    permissions: ['ManageGuild', 'ManageMessages', 'ModerateMembers', 'CreatePublicThreads'],
    people: [mara],
  })
  return {
    stage,
    mods,
    mara,
    desk: opened,
    watch: (channel) =>
      mara.usesCommand(mods, 'valley watch', { channel }).answer(({ content }) => content.includes(channel.id)),
    alert: () => stage.discord.waitForMessage(mods, ({ content }) => content.includes('Needs a look'), LIMIT_MS),
  }
}

let clips = 0

/** A clip of one second with bytes of its own. */
export function clipOfOneSecond(name = 'clip.mp4') {
  clips += 1
  const path = writeColourClip(join(temporaryFolder(), 'clip.mp4'), 10, [
    ...LOSSLESS_H264,
    '-metadata',
    `title=${clips}`,
  ])
  return { name, bytes: readFileSync(path) }
}
