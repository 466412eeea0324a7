import type { ApiArguments } from './api-arguments.ts'
import { ApiError } from './api-error.ts'

const MAX_PAGE_SIZE = 1000

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Empty on the last page. */
  readonly nextCursor: string
}

/** Cuts out the page that `limit` and `cursor` name. @throws ApiError invalid_cursor */
export function pageOf<T>(args: ApiArguments, all: readonly T[], defaultSize: number): Page<T> {
  const size = Math.min(args.wholeNumber('limit', defaultSize) || defaultSize, MAX_PAGE_SIZE)
  const cursor = args.optional('cursor') ?? ''
  const start = cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString().replace('next:', ''))
  if (!Number.isInteger(start) || start < 0) throw new ApiError('invalid_cursor')
  const end = start + size
  const nextCursor = end < all.length ? Buffer.from(`next:${end}`).toString('base64') : ''
  return { items: all.slice(start, end), nextCursor }
}
