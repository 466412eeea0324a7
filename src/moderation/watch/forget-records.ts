// Removing records for a moderator, which is written down: who had what kind of records removed and how many, and nothing of
// whose they were.
import type { CommandPlace, ForgetTarget, ModerationWish } from '../platform/desk.ts'
import type { Closings } from './closings.ts'
import type { ModerationStore } from './store.ts'

/** What removing records works with. */
export interface ForgetPorts {
  readonly store: ModerationStore
  readonly closings: Closings
  readonly now: () => number
}

/** The action of its entries in the audit log; their target is a kind of records, their outcome how many there were. */
export const FORGET = 'forget'

/**
 * Removes the records of a person, of a message, or of a whole server.
 * @returns how many there were, also when the command is done again after a crash
 * @throws AppError STORAGE_FAILED
 */
export async function forgetRecords(
  { store, closings, now }: ForgetPorts,
  { requestId, groupId, userId: by }: CommandPlace,
  { userId, messageId }: Extract<ModerationWish, { name: 'forget' }>,
): Promise<number> {
  const earlier = (await store.auditOf(groupId)).find((entry) => entry.requestId === requestId)
  if (earlier !== undefined) return Number(earlier.outcome)
  const removed = await store.forget({
    groupId,
    why: 'recordsForgotten',
    ...(userId === undefined ? {} : { userId }),
    ...(messageId === undefined ? {} : { messageIds: [messageId] }),
  })
  // After the records: with those of a server its audit log goes, and this entry is to stay.
  await store.audit({
    requestId,
    atMs: now(),
    groupId,
    userId: by,
    action: FORGET,
    target: targetOf(userId, messageId),
    outcome: String(removed.clips),
  })
  await closings.change(removed.closings)
  return removed.clips
}

function targetOf(userId: string | undefined, messageId: string | undefined): ForgetTarget {
  if (userId !== undefined) return messageId === undefined ? 'person' : 'person-in-message'
  return messageId === undefined ? 'server' : 'message'
}
