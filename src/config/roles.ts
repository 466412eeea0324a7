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
  if (role === 'bot' && (settings.moderation?.rulesFile ?? null) !== null) {
    const remedy = 'set it to null, and watch channels with a Valley of its own whose role is all'
    problems.push({ place, key: 'moderation.rulesFile', text: `a bot has no model to look at clips with; ${remedy}` })
  }
  if (role === 'all' && (settings.discord?.shards ?? null) !== null) {
    const remedy = 'start with --role bot, or set it to null'
    problems.push({ place, key: 'discord.shards', text: `processes for shards are bots; ${remedy}` })
  }
  return problems
}

/** Which of Discord's shards this process serves, as discord.js tells it; null when it is none of several. */
export function discordShardOf({ SHARDING_MANAGER, SHARDS }: Environment): number | null {
  return SHARDING_MANAGER === undefined || SHARDS === undefined ? null : Number(SHARDS)
}

/** Each shard has a monitoring port of its own, one after the other behind that of the process that started them. */
export function portOfShard(port: number | null, shard: number | null): number | null {
  return port === null || port === 0 || shard === null ? port : port + 1 + shard
}
