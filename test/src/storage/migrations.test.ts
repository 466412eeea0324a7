// Databases that earlier versions of Valley have written, opened by this one: everything in them is still there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Libsql from 'libsql'
import { expect, it } from 'vitest'
import { createLogger } from '../../../src/logger.ts'
import { DedupeStore } from '../../../src/storage/dedupe-store.ts'
import { DurableThreadStore } from '../../../src/storage/durable-thread-store.ts'
import { HeardPlaceStore } from '../../../src/storage/heard-place-store.ts'
import { InstallationStore } from '../../../src/storage/installation-store.ts'
import { JobLedger } from '../../../src/storage/job-ledger.ts'
import { SqliteModerationStore } from '../../../src/storage/moderation-store.ts'
import { SCHEMA_VERSION } from '../../../src/storage/schema.ts'
import { SqliteKeyvStore } from '../../../src/storage/sqlite-keyv-store.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { openTestDatabase } from './open-test-database.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/databases/', import.meta.url))
/** When all of them were written. */
const WRITTEN_MS = Date.UTC(2026, 8, 1)
const HOUR_MS = 3_600_000
const logger = createLogger('silent')
const versions = Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1)

it('there is a file of every version that was published', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))
  expect(files.toSorted()).toEqual(versions.map((version) => `version-${version}.sql`))
})

it.each(versions)('a database of version %i is brought up to date, and keeps what it holds', async (version) => {
  const file = join(temporaryFolder(), 'valley.db')
  const written = new Libsql(file)
  written.exec(readFileSync(join(FOLDER, `version-${version}.sql`), 'utf8'))
  written.close()
  const now = () => WRITTEN_MS + HOUR_MS / 2
  const database = await openTestDatabase({ file, now })
  const [found] = await database.read('be read', 'SELECT max(version) AS version FROM schema_version')
  expect(found).toMatchObject({ version: SCHEMA_VERSION })

  const store = new SqliteKeyvStore(database, { renewOnRead: true, maxEntries: 10 })
  const thread = await new DurableThreadStore({ store, idleMs: 24 * HOUR_MS, logger }).load('discord:1')
  expect(thread?.turns.map(({ text }) => text)).toEqual(['What is it?', 'A ball.'])
  expect(await new DedupeStore(database).claim('discord:3'), 'the event was taken').toBe(false)
  const query = { teamId: 'T1', enterpriseId: undefined, isEnterpriseInstall: false }
  const installation = await new InstallationStore(database, logger).fetchInstallation(query)
  expect(installation).toMatchObject({ bot: { token: 'xoxb-of-nobody' } })

  const moderation = new SqliteModerationStore(database)
  if (version >= 2) {
    expect(await moderation.watched()).toEqual([
      { channelId: 'discord:2', groupId: 'discord:1', reportTo: 'discord:3' },
    ])
    expect((await moderation.nextWaiting())?.post.messageId).toBe('11')
    expect(await moderation.alert(1)).toMatchObject({ verdict: 'confirmed', clip: { outcome: { contentHash: 'abc' } } })
    expect(await moderation.verdictOn('discord:1', 'abc', 'knives')).toBe('confirmed')
    expect(await moderation.labels()).toMatchObject([{ contentHash: 'abc', rule: 'knives', isPositive: true }])
    const audited = [
      { action: 'confirm', userId: 'discord:8' },
      { requestId: 'discord:12', action: 'watch' },
    ]
    expect(await moderation.auditOf('discord:1')).toMatchObject(version >= 5 ? audited : audited.slice(0, 1))
    expect(await moderation.digestEnd('discord:3')).toBe(WRITTEN_MS)
  }
  const ledger = new JobLedger(database, { logger })
  if (version >= 3) {
    expect(await ledger.waiting('discord')).toEqual(['discord:5'])
    expect((await ledger.begin('discord:5'))?.source).toBe('{"channelId":"2","messageId":"5"}')
    expect(await ledger.begin('discord:6'), 'it was answered').toBeNull()
  }
  if (version >= 4) {
    expect(await new HeardPlaceStore(database).places('slack', 10)).toEqual(['slack:T1:C1'])
  }
  if (version >= 6) {
    expect(await moderation.closings()).toMatchObject([{ to: 'discord:3', reference: 'ref', why: 'decided' }])
  }
  if (version >= 2) {
    const { closings } = await moderation.forget({ groupId: 'discord:1', why: 'placeGone' })
    expect(closings).toMatchObject([{ to: 'discord:3', reference: 'ref', why: 'placeGone' }])
  }
  await ledger.accept('discord:9', 'new')
  await moderation.audit({
    requestId: 'discord:20',
    atMs: WRITTEN_MS,
    groupId: 'discord:9',
    userId: 'discord:8',
    action: 'watch',
    target: 'discord:2',
    outcome: 'done',
  })
  expect(await moderation.auditOf('discord:9')).toHaveLength(1)
  await ledger.close()
})
