// A server on loopback that serves what a test says, and remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** One request that came. */
export interface SeenRequest {
  readonly path: string
  readonly host: string | undefined
  readonly authorization: string | undefined
}

/** A running server; ends with its test. */
export interface ClipServer {
  /** Host and port. */
  readonly host: string
  readonly port: number
  readonly requests: readonly SeenRequest[]
}

/**
 * Breaks an answer off once what was written of it lies in a file of the reader's: what is still on its way is lost.
 * @param fileBytes tells how many bytes the file has
 */
export function breakOnceArrived(response: ServerResponse, wanted: number, fileBytes: () => number): void {
  const timer = setInterval(() => {
    if (fileBytes() >= wanted) response.destroy()
  }, 5)
  response.on('close', () => clearInterval(timer))
}

/** Starts a server. @param answer writes the response */
export async function clipServer(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<ClipServer> {
  const requests: SeenRequest[] = []
  const server = createServer((request, response) => {
    const { host, authorization } = request.headers
    requests.push({ path: request.url ?? '', host, authorization })
    answer(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { host: `127.0.0.1:${port}`, port, requests }
}
