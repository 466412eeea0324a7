// Runs other programs for the setup.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { PROJECT_ROOT } from './paths.mjs'
import { SetupError } from './say.mjs'
import { isSystemError } from './system-error.mjs'

/** How much of a failed program's output is shown. */
const SHOWN_OUTPUT_LINES = 25
/** @type {readonly NodeJS.Signals[]} */
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a program to its end and keeps what it prints. A signal that ends this process ends the program first.
 * @param {string} command found on PATH; no shell is involved except for npm.cmd on Windows
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment added to this process's own
 * @returns {Promise<{ status: number, output: string }>} stdout and stderr together; status 128 + the signal's number
 *   when a signal ended it, as shells have it
 * @throws the spawn error, e.g. code ENOENT when there is no such program
 */
export async function runTool(command, args, environment = {}) {
  const child = spawn(command, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text) => {
      output += text
    })
  }
  const status = await untilClosed(child)
  return { status, output }
}

/**
 * Like runTool, but a failure ends the setup.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} remedy what a person can do about it, a sentence
 * @param {Record<string, string>} environment added to this process's own
 * @returns {Promise<string>} what it printed
 * @throws SetupError with the last lines of the program's output in front of the line that explains it
 */
export async function runToolOrFail(command, args, remedy, environment = {}) {
  const called = [command, ...args].join(' ')
  const { status, output } = await runTool(command, args, environment).catch((cause) => {
    const seen = isSystemError(cause, 'ENOENT') ? 'was not found' : `could not be started (${cause})`
    throw new SetupError(`TOOL_MISSING: ${command} ${seen}; it is needed. Install it, then run this again.`, { cause })
  })
  if (status === 0) return output
  const tail = output.trimEnd().split('\n').slice(-SHOWN_OUTPUT_LINES).join('\n')
  throw new SetupError(`${tail}\nSetup stopped: "${called}" ended with status ${status}. ${remedy}`)
}

/**
 * Runs a Node script in a process of its own on this terminal.
 * @param {readonly string[]} args script and arguments
 * @returns {Promise<number>} its exit status as runTool has it
 */
export function runOnTerminal(args) {
  return untilClosed(spawn(process.execPath, args, { cwd: PROJECT_ROOT, stdio: 'inherit' }))
}

/**
 * Waits for a program and hands it the signals that this process gets meanwhile; after one, this process ends by it too.
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} exit status
 */
function untilClosed(child) {
  return new Promise((resolve, reject) => {
    /** @type {NodeJS.Signals | null} */
    let received = null
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      received = signal
      child.kill(signal)
    }
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward)
    const stopForwarding = () => {
      for (const signal of FORWARDED_SIGNALS) process.off(signal, forward)
    }
    child.on('error', (error) => {
      stopForwarding()
      reject(error)
    })
    child.on('close', (status, signal) => {
      stopForwarding()
      if (received !== null) process.kill(process.pid, received)
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
