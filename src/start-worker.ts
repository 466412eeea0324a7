// Decides how a worker's module is started: the compiled .js as it is, the .ts source (vitest, tsx) with tsx registered in
// the worker too. tsx's own `--import` entry registers itself in the main thread only, hence the call.
import { Worker } from 'node:worker_threads'

/**
 * Starts a worker thread.
 * @param caller import.meta.url of the module that starts it
 * @param name of the worker's module, which lies beside the caller, without its ending
 */
export function startWorker(caller: string, name: string, workerData?: unknown): Worker {
  const fromSources = caller.endsWith('.ts')
  const entry = new URL(`./${name}${fromSources ? '.ts' : '.js'}`, caller)
  // An explicit list: the flags of the main thread (tsx, a test runner) are not for the worker.
  return new Worker(entry, { workerData, execArgv: fromSources ? ['--import', registerTsx()] : [] })
}

/** A module, as a data URL, that makes the thread it is imported in read TypeScript. */
function registerTsx(): string {
  const api = import.meta.resolve('tsx/esm/api')
  const source = `import { register } from ${JSON.stringify(api)}; register()`
  return `data:text/javascript,${encodeURIComponent(source)}`
}
