// A disk without room, for the files that the running test's own process writes: what would make one longer fails. Pipes and
// sockets go on.
import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** Lets no file grow; gives the room back when it is called, or when the test ends. */
export function leaveNoRoom(): () => void {
  const limit = (bytes: string) => execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])
  limit('1')
  const giveBack = () => void limit('unlimited')
  onTestFinished(giveBack)
  return giveBack
}
