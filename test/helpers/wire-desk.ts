// The desk of moderation behind a real adapter: a database of its own, clips downloaded from a platform's double.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ClipLocator } from '../../src/conversation/clip.ts'
import type { Engine } from '../../src/engine/engine-api.ts'
import { createLogger } from '../../src/logger.ts'
import type { ModeratedPlatform } from '../../src/moderation/platform/platform.ts'
import { parsePolicy } from '../../src/moderation/policy.ts'
import { Desk } from '../../src/moderation/watch/desk.ts'
import { type LookPorts, lookAtRecord } from '../../src/moderation/watch/look-at-record.ts'
import type { ModerationSettings } from '../../src/moderation/watch/settings.ts'
import type { ModerationStore } from '../../src/moderation/watch/store.ts'
import { Database } from '../../src/storage/database.ts'
import { SqliteModerationStore } from '../../src/storage/moderation-store.ts'
import { downloadClip } from '../../src/video/download-clip.ts'
import { openClip } from '../../src/video/open-clip.ts'
import { INSTALLED_TOOLS } from './make-clips.ts'
import { SETTINGS } from './moderation-desk.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What is looked for where a test does not say. */
export const KNIVES = 'rules:\n  - { name: knives, lookFor: [a knife] }\n'

/** How a desk is opened. */
export interface WireDeskOptions {
  readonly moderated: ModeratedPlatform
  readonly locateClip: ClipLocator
  /** Hosts on the loopback that clips may come from. */
  readonly trustedHosts: readonly string[]
  readonly engine: Engine
  readonly rules?: string
  readonly settings?: Partial<ModerationSettings>
  /** Gets the lines of the log. */
  readonly log?: Record<string, unknown>[]
  /** Of a desk that was stopped before. */
  readonly databaseFile?: string
}

/** A desk that runs. */
export interface WireDesk {
  readonly store: ModerationStore
  readonly databaseFile: string
  /** Ends it; done by itself when the test ends. */
  stop(): Promise<void>
}

/** Opens a desk and lets it run. */
export async function openWireDesk(options: WireDeskOptions): Promise<WireDesk> {
  const { moderated, locateClip, trustedHosts, engine, rules = KNIVES, settings = {}, log = [] } = options
  const { policy, problems } = parsePolicy(rules, 'rules.yaml')
  if (policy === null) throw new Error(JSON.stringify(problems))
  const databaseFile = options.databaseFile ?? join(temporaryFolder(), 'valley.db')
  const database = await Database.open({ file: databaseFile })
  const store = new SqliteModerationStore(database)
  const ports: LookPorts = {
    policy,
    engine,
    store,
    fetchClip: async (clip, signal) => {
      const location = await locateClip(clip, signal)
      if (location.kind === 'file') throw new Error('a platform keeps no files here')
      const { url, headers = {}, allowedHosts } = location
      return downloadClip({ url, headers, allowedHosts }, { signal, trustedHosts })
    },
    openClip: (path, signal) => openClip(path, { tools: INSTALLED_TOOLS, signal }),
  }
  const desk = await Desk.open({
    policy,
    store,
    look: (record, signal) => lookAtRecord(record, ports, signal),
    platforms: [moderated],
    settings: { ...SETTINGS, watch: [], ...settings },
    logger: createLogger('info', { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) }),
    retryDelaysMs: [],
    tickMs: 50,
  })
  const end = new AbortController()
  const ended = desk.run(end.signal)
  const stop = async () => {
    end.abort()
    await ended
    database.close()
  }
  onTestFinished(stop)
  return { store, databaseFile, stop }
}
