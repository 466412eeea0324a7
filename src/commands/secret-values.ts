// The secrets that the log must never show.
import type { Config } from '../config/config.ts'

/** The values of all secrets that are set, and the password that the address of Redis may hold. */
export function secretValues({ secrets }: Config): string[] {
  const password = secrets.VALLEY_REDIS_URL === null ? '' : new URL(secrets.VALLEY_REDIS_URL.reveal()).password
  const ofRedis = password === '' ? [] : [password, decodeURIComponent(password)]
  return [...Object.values(secrets).flatMap((secret) => (secret === null ? [] : [secret.reveal()])), ...ofRedis]
}
