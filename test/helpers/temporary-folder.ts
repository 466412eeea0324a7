// A temporary folder that goes with the test that asked for it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes an empty folder for the running test; it is removed when the test ends. */
export function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'valley-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
