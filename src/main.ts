// What `npm start` runs once everything it needs is there: starts Valley, prints what keeps it from starting as one line,
// sets the exit status. src/setup/start.mjs imports the built form of this file.
import { describeError } from './commands/report-error.ts'
import { parseRole } from './commands/role-option.ts'
import { start } from './commands/start.ts'
import { wantsStacks } from './config/installation.ts'

try {
  await start(parseRole(process.argv.slice(2)))
} catch (error) {
  const { text, exitStatus } = describeError(error, wantsStacks())
  process.stderr.write(text)
  process.exitCode = exitStatus
}
// Everything was closed by now; what a platform's library may still hold open must not keep the program.
process.stdout.write('', () => process.exit())
