// What every command starts from: settings, log, and the wish to stop.
import { type Config, loadConfig } from '../config/config.ts'
import { createLogger, type Logger } from '../logger.ts'
import { Interruption } from './interruption.ts'
import { secretValues } from './secret-values.ts'

/** Handed to each command. */
export interface CommandContext {
  readonly config: Config
  readonly logger: Logger
  readonly interruption: Interruption
  /** Aborted when the command is to end early. */
  readonly signal: AbortSignal
}

/**
 * Runs a command with settings read and signals heard.
 * @throws AppError CONFIG_INVALID; InterruptedError when a signal ended it; what the command throws
 */
export async function withContext(run: (context: CommandContext) => Promise<void>): Promise<void> {
  const config = loadConfig()
  const interruption = new Interruption()
  try {
    const { signal } = interruption
    await run({
      config,
      logger: createLogger(config.logLevel ?? 'warn', undefined, secretValues(config)),
      interruption,
      signal,
    })
    signal.throwIfAborted()
  } finally {
    interruption.dispose()
  }
}
