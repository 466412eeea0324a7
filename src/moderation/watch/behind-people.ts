// The engine for work that nobody waits for: before each step it waits until no question of a person runs or waits, so that
// a question is held up by one step at most.
import type { Engine } from '../../engine/engine-api.ts'

/** Resolves while no question of a person is asked; rejects with signal.reason on abort. */
export type WhenIdle = (signal?: AbortSignal) => Promise<void>

/** The same engine, behind people's questions. Closing it is left to its owner. */
export function behindPeople(engine: Engine, whenIdle: WhenIdle): Engine {
  return {
    get manifest() {
      return engine.manifest
    },
    get device() {
      return engine.device
    },
    hasClip: (key) => engine.hasClip(key),
    async encodeClip(request) {
      await whenIdle(request.signal)
      return engine.encodeClip(request)
    },
    async *generate(request) {
      await whenIdle(request.signal)
      yield* engine.generate(request)
    },
    async score(request) {
      await whenIdle(request.signal)
      return engine.score(request)
    },
    dropClip: (key) => engine.dropClip(key),
    forget: (threadId) => engine.forget(threadId),
    close: async () => {},
  }
}
