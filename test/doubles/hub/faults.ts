// What can go wrong at a hub, as its own answers show it.

/** An entry of a listing. */
export type ListedEntry = Readonly<Record<string, unknown>>

/** One way in which a request ends otherwise. */
export type Fault =
  /** Refused, with the hub's header X-Error-Code. */
  | { readonly status: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after so many bytes of the body. */
  | { readonly cutAfterBytes: number }
  /** So many bytes come and then nothing, with the connection open. */
  | { readonly silentAfterBytes: number }
  /** Other bytes, of the same or another length. */
  | { readonly content: Uint8Array }
  /** Ranges are not known: the whole is sent again. */
  | { readonly ignoresRange: true }
  /** Sent elsewhere. */
  | { readonly redirect: string }
  /** The listing says something else. */
  | { readonly listing: (entries: readonly ListedEntry[]) => readonly ListedEntry[] }

/** Faults that wait for their requests. */
export class FaultList {
  readonly #waiting: { readonly path: string; readonly fault: Fault; times: number }[] = []

  /** @param path `hub:` and what follows the repository's name, or `storage:` and the file */
  add(path: string, fault: Fault, times: number): void {
    this.#waiting.push({ path, fault, times })
  }

  /** The fault of this request; null for none. */
  take(path: string): Fault | null {
    const found = this.#waiting.find((one) => one.path === path && one.times > 0)
    if (found === undefined) return null
    found.times -= 1
    return found.fault
  }
}
