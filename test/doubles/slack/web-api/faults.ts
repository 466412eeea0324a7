import { isJson, type Json } from '../json.ts'

/** A way in which one call goes wrong. */
export type Fault =
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  | { readonly kind: 'http-error'; readonly status: number }
  | { readonly kind: 'api-error'; readonly code: string; readonly details: Json }
  /** The connection breaks before anything was done. */
  | { readonly kind: 'connection-cut' }
  /** The call is carried out, but its answer never arrives. */
  | { readonly kind: 'answer-lost' }
  /** The call is carried out, and its answer waits for the gate. */
  | { readonly kind: 'late'; readonly reached: () => void; readonly gate: Promise<void> }

/** HTTP 429 with Retry-After, in whole seconds. */
export function rateLimited(retryAfterSeconds: number): Fault {
  return { kind: 'rate-limited', retryAfterSeconds }
}

/** An HTTP status such as 500, with no JSON. */
export function httpError(status: number): Fault {
  return { kind: 'http-error', status }
}

/** `ok: false` with the given code, e.g. `message_not_found`, `channel_not_found`, `token_revoked`, `missing_scope`. */
export function apiError(code: string, details: Json = {}): Fault {
  return { kind: 'api-error', code, details }
}

/** The connection breaks before anything was done. */
export function connectionCut(): Fault {
  return { kind: 'connection-cut' }
}

/** The call is carried out, but its answer never arrives. */
export function answerLost(): Fault {
  return { kind: 'answer-lost' }
}

/** The call is carried out and answered so many milliseconds of real time later. */
export function slowAnswer(delayMs: number): Fault {
  const gate = deferred()
  return { kind: 'late', reached: () => setTimeout(gate.resolve, delayMs), gate: gate.promise }
}

/** A call whose answer a test keeps back. */
export interface HeldCall {
  /** Settles once the call has come in and was carried out. */
  readonly reached: Promise<void>
  /** Lets the answer go. */
  release(): void
}

/** A fault that keeps an answer back, with the handle to let it go. */
export function holdAnswer(): { readonly fault: Fault; readonly held: HeldCall } {
  const reached = deferred()
  const gate = deferred()
  return {
    fault: { kind: 'late', reached: reached.resolve, gate: gate.promise },
    held: { reached: reached.promise, release: gate.resolve },
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** When a fault strikes. */
export interface FaultConditions {
  /** How many calls it strikes; 1 when left out. */
  readonly times?: number
  /** Strikes only calls whose arguments satisfy it. */
  readonly when?: (args: Json) => boolean
}

/** Faults that tests have planned, by method. */
export class PlannedFaults {
  readonly #plans: {
    readonly method: string
    readonly fault: Fault
    readonly when: (args: Json) => boolean
    left: number
  }[] = []

  /** @param method a method's name, or `*` for any */
  plan(method: string, fault: Fault, { times = 1, when = isJson }: FaultConditions = {}): void {
    this.#plans.push({ method, fault, when, left: times })
  }

  /** The fault that strikes this call, if any; it counts as used. */
  take(method: string, args: Json): Fault | null {
    const plan = this.#plans.find(
      (one) => one.left > 0 && (one.method === method || one.method === '*') && one.when(args),
    )
    if (plan === undefined) return null
    plan.left -= 1
    return plan.fault
  }
}
