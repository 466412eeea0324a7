// The secrets that the log must never show.
import type { Config } from '../config/config.ts'

/** The values of all secrets that are set. */
export function secretValues({ secrets }: Config): string[] {
  return Object.values(secrets).flatMap((secret) => (secret === null ? [] : [secret.reveal()]))
}
