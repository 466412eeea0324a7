// The roles that Valley can be started in, and what each needs beyond what all need.
import type { Environment, Secrets } from './environment.ts'
import type { Problem } from './problem.ts'
import type { Settings } from './settings-schema.ts'

/** `all`: everything in one process. `bot`: platforms, without a model; `engine`: the model, without platforms. */
export type Role = Settings['role']

const FOR_ROLES = [
  ['VALLEY_REDIS_URL', 'bots and engines meet in Redis; give its address, e.g. redis://127.0.0.1:6379'],
  ['VALLEY_CLUSTER_KEY', 'bots and engines need one secret in common; take any long random text'],
] as const

/** Names what a role lacks, or has and cannot use. @param settings groups that are left out are not looked at */
export function findRoleProblems(role: Role, settings: Partial<Settings>, secrets: Secrets, place: string): Problem[] {
  const problems: Problem[] = []
  if (role !== 'all') {
    for (const [name, why] of FOR_ROLES) {
      if (secrets[name] === null) problems.push({ place: 'environment', key: name, text: `it is not set; ${why}` })
    }
  }
  const elsewhere = (settings.moderation?.watch ?? []).find(
    (one) => platformOf(one.channelId) !== platformOf(one.reportTo),
  )
  if (role === 'bot' && elsewhere !== undefined) {
    const { channelId, reportTo } = elsewhere
    const text = `${channelId} would be reported to ${reportTo}; bots report on the platform that is watched. Name a channel there`
    problems.push({ place, key: 'moderation.watch', text })
  }
  if (role === 'all' && (settings.discord?.shards ?? null) !== null) {
    const remedy = 'start with --role bot, or set it to null'
    problems.push({ place, key: 'discord.shards', text: `processes for shards are bots; ${remedy}` })
  }
  return problems
}

/** Every id begins with its platform. */
function platformOf(id: string): string {
  return id.split(':', 1)[0] ?? ''
}

/** Which of Discord's shards this process serves, as discord.js tells it; null when it is none of several. */
export function discordShardOf({ SHARDING_MANAGER, SHARDS }: Environment): number | null {
  return SHARDING_MANAGER === undefined || SHARDS === undefined ? null : Number(SHARDS)
}

/** Each shard has a monitoring port of its own, one after the other behind that of the process that started them. */
export function portOfShard(port: number | null, shard: number | null): number | null {
  return port === null || port === 0 || shard === null ? port : port + 1 + shard
}
