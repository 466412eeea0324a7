// Whether a process of this machine has ended: what it left behind may then be taken over or removed.
import { hostname } from 'node:os'

/** This machine or container, as it stands in the names of folders. */
export const THIS_HOST = hostname().replaceAll(/[^a-z0-9]/gi, '_')

/** True when no process has the number. Signal 0 only asks; a process of somebody else answers EPERM. */
export function hasEnded(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
