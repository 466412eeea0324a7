// The log: pino, one JSON line an event, to stderr, since stdout belongs to answers. What people write and what the model
// says never goes in; ids, counts and milliseconds do. Each line loses its secrets on its way out, whatever part of it they
// came in by: message, field, error, cause or the bindings of a child. Lines that belong to one event carry the same trace.
import { type DestinationStream, destination, type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino'
import { makeRedactor } from './redact.ts'
import { currentTrace } from './trace.ts'

/** What everyone logs to; made once and passed on. */
export type Logger = PinoLogger

/**
 * Makes the log of the process.
 * @param stream where the lines go; default stderr, written at once so that none is lost when the process ends
 * @param secrets values that never go out; what looks like a token never does either
 */
export function createLogger(
  level: LevelWithSilent,
  stream: DestinationStream = destination({ fd: 2, sync: true }),
  secrets: readonly string[] = [],
): Logger {
  const redact = makeRedactor(secrets)
  const mixin = () => {
    const trace = currentTrace()
    return trace === undefined ? {} : { trace }
  }
  return pino({ level, base: null, mixin }, { write: (line) => stream.write(redact(line)) })
}
