// Anything thrown by a command becomes one line on stderr and an exit status.
import { CommanderError } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { AppError, ERROR_CODES, type ErrorCode } from '../errors.ts'
import { redactTokens } from '../redact.ts'
import { InterruptedError } from './interruption.ts'

/** What the shell gets to see. */
export interface ErrorReport {
  /** For stderr, with its line break; empty when there is nothing to say. */
  readonly text: string
  /** 2 for bad input or usage, 130 and its kin when interrupted, otherwise 1; 0 for help that was asked for. */
  readonly exitStatus: number
}

const BAD_INPUT_CODES: readonly ErrorCode[] = [
  ...ERROR_CODES.clip,
  ...ERROR_CODES.question,
  'CONFIG_INVALID',
  'POLICY_INVALID',
  'DATASET_INVALID',
  'BENCHMARK_INVALID',
]

/**
 * Describes an error for the shell.
 * @param withStack adds stack and causes, for people who look for a fault
 */
export function describeError(error: unknown, withStack: boolean): ErrorReport {
  if (error instanceof InterruptedError) return { text: '', exitStatus: error.exitStatus }
  if (error instanceof CommanderError) return describeUsage(error)
  const code = error instanceof AppError ? error.code : 'INFERENCE_FAILED'
  const message =
    error instanceof AppError
      ? error.message
      : `An unexpected fault of Valley: ${error instanceof Error ? error.message : String(error)}. ` +
        'Run it again with VALLEY_LOG_LEVEL=debug and report what it prints.'
  const stack = withStack ? `${stackOf(error)}\n` : ''
  return {
    text: redactTokens(`${code}: ${plainLine(message)}\n${stack}`),
    exitStatus: BAD_INPUT_CODES.includes(code) ? 2 : 1,
  }
}

function describeUsage({ code, message, exitCode }: CommanderError): ErrorReport {
  // Help and version were written already, on stdout when they were asked for.
  if (exitCode === 0) return { text: '', exitStatus: 0 }
  if (code === 'commander.help') return { text: '', exitStatus: 2 }
  const said = plainLine(message.replace(/^error: /, ''))
  const dash = code === 'commander.unknownOption' ? ' Put -- before a file name that begins with a dash.' : ''
  const text = `CONFIG_INVALID: Wrong command line: ${said.replace(/\.?$/, '.')}${dash} Add --help for what is allowed.\n`
  return { text, exitStatus: 2 }
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
