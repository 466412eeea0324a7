// One id from an event to the last edit of its reply: whatever is logged on the way carries it, without anybody handing it on.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'

const TRACE_BYTES = 8
const traces = new AsyncLocalStorage<string>()

/** The id of what is being done now; undefined where nothing was begun by an event. */
export function currentTrace(): string | undefined {
  return traces.getStore()
}

/** Runs something under the id that it is under already, else under a new one. @param trace what to use when there is none */
export function inTrace<Result>(run: () => Result, trace?: string): Result {
  if (traces.getStore() !== undefined) return run()
  return traces.run(trace ?? randomBytes(TRACE_BYTES).toString('hex'), run)
}
