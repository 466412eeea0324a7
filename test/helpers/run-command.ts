// Runs one command of the command line in the process of the test: for commands that start nothing of their own, where a
// process for each case would only cost time. test/helpers/run-cli.ts runs the whole of it.
import { Command } from 'commander'
import { vi } from 'vitest'
import { describeError } from '../../src/commands/report-error.ts'
import type { CliEnd } from './run-cli.ts'

/**
 * Runs a command to its end. What the environment says of Valley is set for the test alone.
 * @param register adds the command, as src/cli.ts has it do
 */
export async function runCommand(
  register: (program: Command) => void,
  cliArguments: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<CliEnd> {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  let stdout = ''
  let stderr = ''
  const out = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text
    return true
  })
  const error = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text
    return true
  })
  const program = new Command('valley').exitOverride().configureOutput({ outputError: () => {} })
  register(program)
  try {
    await program.parseAsync(cliArguments, { from: 'user' })
    return { status: 0, stdout, stderr }
  } catch (failure) {
    const { text, exitStatus } = describeError(failure, false)
    return { status: exitStatus, stdout, stderr: stderr + text }
  } finally {
    out.mockRestore()
    error.mockRestore()
    vi.unstubAllEnvs()
  }
}
