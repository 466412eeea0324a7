// The log: pino, one JSON line an event, to stderr, since stdout belongs to answers. What people write and what the model
// says never goes in; ids, counts and milliseconds do.
import { type DestinationStream, destination, type LevelWithSilent, type Logger as PinoLogger, pino } from 'pino'

/** What everyone logs to; made once and passed on. */
export type Logger = PinoLogger

/**
 * Makes the log of the process.
 * @param stream where the lines go; default stderr, written at once so that none is lost when the process ends
 */
export function createLogger(
  level: LevelWithSilent,
  stream: DestinationStream = destination({ fd: 2, sync: true }),
): Logger {
  return pino({ level, base: null }, stream)
}
