// Opens a port of this machine for a server, and says in one line what is wrong where that cannot be done.
import type { Server } from 'node:http'
import { AppError } from './errors.ts'

/** Where a server is to listen, and for what. */
export interface PortWanted {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** What it is for, as the beginning of a sentence, e.g. `The monitoring port`. */
  readonly name: string
  /** Where another one can be chosen, e.g. `monitoring.port`. */
  readonly setting: string
}

/**
 * Listens.
 * @returns the port, which the system has chosen where 0 was asked for
 * @throws AppError CONFIG_INVALID when it cannot be had
 */
export async function openPort(server: Server, { host, port, name, setting }: PortWanted): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    throw new AppError(
      'CONFIG_INVALID',
      `${name} cannot be opened on ${host}:${port} (${(error as NodeJS.ErrnoException).code}); a free port of this machine is needed. Choose another ${setting}.`,
      { details: { host, port }, cause: error },
    )
  }
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : port
}
