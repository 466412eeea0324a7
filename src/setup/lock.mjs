// One setup at a time in one checkout: two processes that install into the same node_modules would break each other.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './say.mjs'
import { isSystemError } from './system-error.mjs'

const POLL_MS = 200
/** A lock this old was left by a machine that went down: no setup lasts so long. */
const STALE_MS = 15 * 60_000
/** The take-over of a stale lock lasts microseconds; its mark is only ever this old when its process died in between. */
const TAKEOVER_STALE_MS = 10_000

/**
 * Runs the work while no other process runs work under the same lock file; waits for its turn without a limit.
 * A lock whose process is gone is taken over.
 * @param {string} lockPath file that stands for the lock
 * @param {() => Promise<T>} work
 * @returns {Promise<T>} what the work returns; the lock is free again, also when the work throws
 * @template T
 */
export async function withLock(lockPath, work) {
  mkdirSync(dirname(lockPath), { recursive: true })
  let hasSaidSo = false
  while (!createExclusively(lockPath)) {
    if (isStale(lockPath)) {
      takeOver(lockPath)
      continue
    }
    if (!hasSaidSo) say('Another Valley setup is running in this folder; waiting for it …')
    hasSaidSo = true
    await sleep(POLL_MS)
  }
  const release = () => rmSync(lockPath, { force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

/** @param {string} path */
function createExclusively(path) {
  try {
    const file = openSync(path, 'wx')
    writeSync(file, String(process.pid))
    closeSync(file)
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  }
}

/** @param {string} path */
function ageMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? 0 : Date.now() - stat.mtimeMs
}

/** @param {string} path */
function isStale(path) {
  if (ageMs(path) > STALE_MS) return true
  try {
    const owner = Number(readFileSync(path, 'utf8'))
    if (!Number.isInteger(owner) || owner <= 0) return false // being written at this moment
    process.kill(owner, 0)
    return false
  } catch (error) {
    return isSystemError(error, 'ESRCH') // ENOENT: just released; EPERM: alive and another user's
  }
}

// Two waiters may find the same lock stale. Only the holder of the take-over mark removes it, after a second look, so
// that nobody removes the fresh lock of a quicker one.
/** @param {string} lockPath */
function takeOver(lockPath) {
  const mark = `${lockPath}.takeover`
  if (ageMs(mark) > TAKEOVER_STALE_MS) rmSync(mark, { force: true })
  if (!createExclusively(mark)) return
  try {
    if (isStale(lockPath)) rmSync(lockPath, { force: true })
  } finally {
    rmSync(mark, { force: true })
  }
}
