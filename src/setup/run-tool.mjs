// Runs other programs for the setup.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { PROJECT_ROOT } from './paths.mjs'
import { SetupError } from './say.mjs'

/** How much of a failed program's output is shown. */
const SHOWN_OUTPUT_LINES = 25
/** @type {readonly NodeJS.Signals[]} */
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Runs a program to its end and keeps what it prints.
 * @param {string} command found on PATH; no shell is involved except for npm.cmd on Windows
 * @param {readonly string[]} args
 * @param {Record<string, string>} environment added to this process's own
 * @returns {Promise<{ status: number | null, output: string }>} stdout and stderr together; status null when it was
 *   ended by a signal
 * @throws the spawn error, e.g. code ENOENT when there is no such program
 */
export function runTool(command, args, environment = {}) {
  return new Promise((resolve, reject) => {
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
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output }))
  })
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
    throw new SetupError(`TOOL_MISSING: ${command} could not be started (${cause.code ?? cause.message}). ${remedy}`, {
      cause,
    })
  })
  if (status === 0) return output
  const tail = output.trimEnd().split('\n').slice(-SHOWN_OUTPUT_LINES).join('\n')
  throw new SetupError(`${tail}\nSetup stopped: "${called}" ended with status ${status}. ${remedy}`)
}

/**
 * Runs a Node script in a process of its own on this terminal and hands it the signals that this process gets.
 * @param {readonly string[]} args script and arguments
 * @returns {Promise<number>} its exit status; 128 + the signal's number when a signal ended it, as shells do
 */
export function runOnTerminal(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: PROJECT_ROOT, stdio: 'inherit' })
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => child.kill(signal)
    for (const signal of FORWARDED_SIGNALS) process.on(signal, forward)
    const end = () => {
      for (const signal of FORWARDED_SIGNALS) process.off(signal, forward)
    }
    child.on('error', (error) => {
      end()
      reject(error)
    })
    child.on('close', (status, signal) => {
      end()
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}
