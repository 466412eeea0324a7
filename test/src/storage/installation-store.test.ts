import type { InstallationStore as BoltInstallationStore, Installation } from '@slack/bolt'
import { describe, expect, it } from 'vitest'
import { createLogger } from '../../../src/logger.ts'
import { InstallationStore } from '../../../src/storage/installation-store.ts'
import { openTestDatabase } from './open-test-database.ts'

type AnyInstallation = Installation<'v1' | 'v2', boolean>

const ofTeam: AnyInstallation = {
  team: { id: 'T1', name: 'One' },
  enterprise: { id: 'E1' },
  user: { id: 'U1', token: 'xoxp-user', scopes: ['files:read'] },
  bot: { id: 'B1', userId: 'U9', token: 'xoxb-bot', scopes: ['chat:write'], refreshToken: 'r', expiresAt: 5 },
  isEnterpriseInstall: false,
  authVersion: 'v2',
  appId: 'A1',
  tokenType: 'bot',
}
const ofEnterprise = {
  ...ofTeam,
  team: undefined,
  enterprise: { id: 'E1' },
  isEnterpriseInstall: true,
} as AnyInstallation

const TEAM_QUERY = { teamId: 'T1', enterpriseId: 'E1', isEnterpriseInstall: false }
const ENTERPRISE_QUERY = { teamId: undefined, enterpriseId: 'E1', isEnterpriseInstall: true }

/** The store as Bolt sees it: the assignment holds the shape to Bolt's own. */
async function open(lines: string[] = []): Promise<Required<BoltInstallationStore>> {
  const logger = createLogger('info', { write: (line) => lines.push(line) })
  return new InstallationStore<AnyInstallation>(await openTestDatabase(), logger)
}

describe('installations', () => {
  it('come back whole, those of a workspace apart from those of its organisation', async () => {
    const store = await open()
    await store.storeInstallation(ofTeam)
    await expect(store.fetchInstallation(ENTERPRISE_QUERY)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await store.storeInstallation(ofEnterprise)
    expect(await store.fetchInstallation(TEAM_QUERY)).toEqual(ofTeam)
    // JSON has no undefined.
    expect(await store.fetchInstallation(ENTERPRISE_QUERY)).toEqual({ ...ofEnterprise })
  })

  it('take the place of the one before', async () => {
    const store = await open()
    await store.storeInstallation(ofTeam)
    const renewed = { ...ofTeam, bot: { ...ofTeam.bot!, token: 'xoxb-new' } }
    await store.storeInstallation(renewed)
    expect(await store.fetchInstallation(TEAM_QUERY)).toEqual(renewed)
  })

  it('give the token of a user to nobody else', async () => {
    const store = await open()
    await store.storeInstallation(ofTeam)
    expect((await store.fetchInstallation({ ...TEAM_QUERY, userId: 'U1' })).user.token).toBe('xoxp-user')
    const forOther = await store.fetchInstallation({ ...TEAM_QUERY, userId: 'U2' })
    expect(forOther).toEqual({ ...ofTeam, user: { id: 'U1' } })
  })

  it('go when the workspace removes Valley; a user alone takes only the own token along', async () => {
    const store = await open()
    await store.storeInstallation(ofTeam)
    await store.deleteInstallation({ ...TEAM_QUERY, userId: 'U2' })
    expect(await store.fetchInstallation(TEAM_QUERY)).toEqual(ofTeam)
    await store.deleteInstallation({ ...TEAM_QUERY, userId: 'U1' })
    expect(await store.fetchInstallation(TEAM_QUERY)).toEqual({ ...ofTeam, user: { id: 'U1' } })
    await store.deleteInstallation(TEAM_QUERY)
    await expect(store.fetchInstallation(TEAM_QUERY)).rejects.toMatchObject({ code: 'STORAGE_FAILED' })
    await store.deleteInstallation(TEAM_QUERY)
  })

  it('leave no token in the log', async () => {
    const lines: string[] = []
    const store = await open(lines)
    await store.storeInstallation(ofTeam)
    await store.deleteInstallation(TEAM_QUERY)
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toMatch(/xox/)
  })
})
