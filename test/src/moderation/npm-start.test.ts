// Moderation as `npm start` runs it: settings, rules, Discord's wire, a real model, and a kill in the middle of a backlog.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Database } from '../../../src/storage/database.ts'
import { type DiscordDouble, openDiscordDouble } from '../../doubles/discord/discord-double.ts'
import { countFor } from '../../helpers/long-run.ts'
import { LOSSLESS_H264, makeTestFolder, solidPicture, writeClip } from '../../helpers/make-clips.ts'
import { StartedValley } from '../../helpers/started-valley.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { folder, removeFolder } = makeTestFolder()
const LIMIT = { timeout: 400_000, interval: 50 }
const CLIPS = countFor(20, 100)
/** A second or two for each clip on a busy machine. */
const TEST_TIMEOUT_MS = 500_000
const FLASHING = new Set([3, CLIPS / 2, CLIPS - 3])
const RULES = 'rules:\n  - { name: flashes, category: flashing-light }\n'
let discord: DiscordDouble
let model = ''

beforeAll(async () => {
  mkdirSync(join(folder, 'tmp'))
  discord = await openDiscordDouble()
  model = await buildTinyPackage('mean')
})
afterAll(async () => {
  await discord.close()
  removeFolder()
})

/** Two seconds that change each tenth of a second, or not at all. */
function clipBytes(isFlashing: boolean): Buffer {
  const path = join(folder, 'clip.mp4')
  const pictures = Array.from({ length: 20 }, (_, picture) => {
    const grey = isFlashing ? (picture % 2) * 255 : 128
    return solidPicture(16, 16, [grey, grey, grey])
  })
  writeClip({ path, width: 16, height: 16, pictures, options: LOSSLESS_H264 })
  return readFileSync(path)
}

/** A box that players pass over (ISO 14496-12, "free"), so that each clip has bytes of its own. */
function numbered(bytes: Buffer, number: number): Buffer {
  return Buffer.concat([bytes, Buffer.from([0, 0, 0, 9, 0x66, 0x72, 0x65, 0x65, number])])
}

it(
  'looks at each clip of a backlog once, whatever kills it meanwhile, and tells what flashes',
  async () => {
    const guild = discord.guild()
    const [videos, mods] = [guild.channel('videos'), guild.channel('mods')]
    const ana = guild.person('Ana')
    writeFileSync(join(folder, 'rules.yaml'), RULES)
    const settings = {
      discord: { apiUrl: discord.rest.api, messageContent: true },
      trustedHosts: [discord.host],
      moderation: {
        rulesFile: join(folder, 'rules.yaml'),
        watch: [{ channelId: `discord:${videos.id}`, reportTo: `discord:${mods.id}` }],
      },
    }
    writeFileSync(join(folder, 'valley.yaml'), JSON.stringify(settings))
    const environment = {
      VALLEY_CONFIG: join(folder, 'valley.yaml'),
      VALLEY_MODEL: model,
      VALLEY_DATA_DIR: join(folder, 'data'),
      VALLEY_LOG_LEVEL: 'info',
      DISCORD_TOKEN: discord.token,
    }
    const first = new StartedValley(folder, environment)
    await first.says('connected to Discord')
    expect(first.count('moderation is on')).toBe(1)
    const [steady, flashing] = [clipBytes(false), clipBytes(true)]
    for (let number = 0; number < CLIPS; number++) {
      const bytes = numbered(FLASHING.has(number) ? flashing : steady, number)
      ana.posts(videos, '', { files: [{ name: `clip-${number}.mp4`, bytes }] })
    }
    const looked = async () => {
      const database = await Database.open({ file: join(folder, 'data', 'valley.db') })
      const sql = 'SELECT count(*) AS clips, sum(looked_at_ms > 0) AS looked FROM moderated_clips'
      const [row] = await database.read('be read', sql).finally(() => database.close())
      return [Number(row!.clips), Number(row!.looked)] as const
    }
    await vi.waitFor(async () => expect((await looked())[1]).toBeGreaterThan(5), LIMIT)
    await vi.waitFor(async () => expect((await looked())[0]).toBe(CLIPS), LIMIT)
    first.kill('SIGKILL')
    await first.end
    const [, before] = await looked()
    expect(before).toBeLessThan(CLIPS)

    const second = new StartedValley(folder, environment)
    await vi.waitFor(async () => expect(await looked()).toEqual([CLIPS, CLIPS]), LIMIT)
    const alerts = () => discord.botMessagesIn(mods).filter(({ content }) => content.includes('Needs a look: flashes'))
    await vi.waitFor(() => expect(alerts()).toHaveLength(FLASHING.size), LIMIT)
    expect(alerts()[0]!.content).toContain('5 flashes a second, measured')
    second.kill('SIGTERM')
    const { status } = await second.end
    expect(status, second.stderr).toBe(0)
    expect(alerts()).toHaveLength(FLASHING.size)
  },
  TEST_TIMEOUT_MS,
)
