// Slack's libraries log through ours. Their texts may quote what people write and what secrets open, so only warnings and
// errors come through, cut short, with anything like a token taken out.
import { type Logger as BoltLogger, LogLevel } from '@slack/bolt'
import type { Logger } from '../../src/logger.ts'

const SECRET = /\bx(?:ox[a-z]|app)[-.][\w.%-]+|(?:Bearer|Basic)\s+[\w.~+/=-]+|https?:\/\/\S+|wss?:\/\/\S+/gi
const LONGEST_CHARACTERS = 300

/** A logger for Bolt and its clients. */
export function boltLogger(logger: Logger): BoltLogger {
  const log = (level: 'warn' | 'error', parts: readonly unknown[]) => {
    const text = parts.map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : ''))
    logger[level]({ library: 'slack', text: redacted(text.join(' ').trim()) }, 'slack library')
  }
  return {
    debug: () => {},
    info: () => {},
    warn: (...parts) => log('warn', parts),
    error: (...parts) => log('error', parts),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  }
}

/** A text without tokens and addresses, at most 300 characters. */
export function redacted(text: string): string {
  return text.replaceAll(SECRET, '[…]').slice(0, LONGEST_CHARACTERS)
}
