// Who may begin: what concerns one thread happens in the order of its coming, and no more is done at once than there is
// room for.

/** What may be done at once, whatever its thread. */
export interface RoomLimits {
  readonly maxAtOnce: number
  /** Memory of all together, bytes; what alone needs more is done when nothing else is. */
  readonly maxBytes: number
}

/** What something needs, and who may call it off. */
export interface RoomRequest {
  readonly bytes: number
  /** What is aborted does not wait any longer: it has little to do. */
  readonly signal: AbortSignal
}

interface Waiting extends RoomRequest {
  enter(): void
}

/** Lines by thread id, and one line for all. */
export class ThreadLines {
  readonly #limits: RoomLimits
  readonly #last = new Map<string, Promise<void>>()
  readonly #waiting: Waiting[] = []
  #running = 0
  #bytes = 0

  constructor(limits: RoomLimits) {
    this.#limits = limits
  }

  /** Does something once all earlier things of the same thread are done. */
  inThread<Result>(threadId: string, run: () => Promise<Result>): Promise<Result> {
    const result = (this.#last.get(threadId) ?? Promise.resolve()).then(run)
    const settled: Promise<void> = result.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(threadId, settled)
    void settled.then(() => {
      if (this.#last.get(threadId) === settled) this.#last.delete(threadId)
    })
    return result
  }

  /** Does something once there is room for it and for all that waited before. */
  async inTurn<Result>(request: RoomRequest, run: () => Promise<Result>): Promise<Result> {
    if (!(await this.#enter(request))) return run()
    try {
      return await run()
    } finally {
      this.#running -= 1
      this.#bytes -= request.bytes
      this.#letIn()
    }
  }

  /** Waits for room and takes it; false when aborted before there was any. */
  #enter(request: RoomRequest): Promise<boolean> {
    return new Promise((resolve) => {
      const { bytes, signal } = request
      const leave = () => {
        const place = this.#waiting.indexOf(waiting)
        if (place === -1) return
        this.#waiting.splice(place, 1)
        resolve(false)
        this.#letIn() // it may have kept those behind it waiting
      }
      const enter = () => {
        signal.removeEventListener('abort', leave)
        this.#running += 1
        this.#bytes += bytes
        resolve(true)
      }
      const waiting: Waiting = { bytes, signal, enter }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
      else this.#letIn()
    })
  }

  /** In the order of coming: a large one at the front is not overtaken, or it might wait for ever. */
  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoomFor(next); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.enter()
    }
  }

  #hasRoomFor({ bytes }: Waiting): boolean {
    if (this.#running === 0) return true
    const { maxAtOnce, maxBytes } = this.#limits
    return this.#running < maxAtOnce && this.#bytes + bytes <= maxBytes
  }
}
