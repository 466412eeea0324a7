import type { StoredFile } from '../world/stored-file.ts'

/** Uploads between files.getUploadURLExternal and files.completeUploadExternal. */
export class PendingUploads {
  readonly #byTicket = new Map<string, StoredFile>()
  readonly #received = new Set<StoredFile>()

  /** @returns the path to send the bytes to */
  begin(file: StoredFile): string {
    const ticket = crypto.randomUUID()
    this.#byTicket.set(ticket, file)
    return `/upload/v1/${ticket}`
  }

  /** Takes the bytes. @returns false when the ticket is unknown or the length is not the announced one */
  receive(ticket: string, bytes: Buffer): boolean {
    const file = this.#byTicket.get(ticket)
    if (file === undefined || bytes.length !== file.declaredSize) return false
    file.bytes = bytes
    this.#received.add(file)
    return true
  }

  /** @returns false when the bytes never came or it was finished before */
  finish(file: StoredFile): boolean {
    return this.#received.delete(file)
  }
}
