// Which licences let anyone do anything that matters here, and which somebody has to read and agree to first.
import { AppError } from '../errors.ts'
import type { Repository } from './repository.ts'

/** Licences, as the hub writes them, that ask for no more than naming whose work it is. */
const OPEN_LICENCES = new Set([
  'apache-2.0',
  'mit',
  'bsd-2-clause',
  'bsd-3-clause',
  'cc0-1.0',
  'cc-by-4.0',
  'isc',
  'unlicense',
])

/** Whether a licence must be agreed to; an unknown one must. */
export function isRestricted(licence: string | null): boolean {
  return licence === null || !OPEN_LICENCES.has(licence.toLowerCase())
}

/** What a person is shown of a licence, on one line. */
export function licenceSummary({ name, licence, licenceLink }: Repository, endpoint: URL): string {
  const page = `${endpoint.href.replace(/\/+$/, '')}/${name}`
  const stated = licence === null ? 'states no licence' : `is under the licence "${licence}"`
  return `${name} ${stated}, which may restrict what you do with it: ${licenceLink ?? page}`
}

/** Raised when nobody agreed. */
export function licenceNotAccepted(summary: string): AppError {
  return new AppError(
    'LICENCE_NOT_ACCEPTED',
    `${summary} No weights were downloaded. Read it; then answer y, or add --accept-license where nobody can be asked.`,
  )
}
