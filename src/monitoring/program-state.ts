// How the program stands, for whoever asks from outside.
import type { QueueLoad } from '../conversation/work-queue.ts'

/** `starting`: the model is being loaded; `unconnected`: a platform is not there; `stopping`: no question is taken. */
export type Phase = 'starting' | 'unconnected' | 'ready' | 'stopping'

/** Bots and engines together, as one of them knows them. */
export interface ClusterNumbers {
  /** Engines that live. */
  readonly engines: number
  /** Questions that all of them answer now. */
  readonly running: number
  /** Questions that wait for any of them. */
  readonly waiting: number
  /** Questions of lost engines that this process took over. */
  readonly takenOver: number
}

/** What is watched. */
export interface WatchedProgram {
  readonly version: string
  /** Name of the model package. */
  readonly model: string
  readonly platforms: readonly WatchedPlatform[]
}

/** A platform; one that cannot tell counts as connected. */
export interface WatchedPlatform {
  readonly platform: string
  isConnected?(): boolean
}

/** One program from its start to its end. */
export class ProgramState {
  readonly version: string
  readonly model: string
  readonly #platforms: readonly WatchedPlatform[]
  #load: () => QueueLoad = () => ({ running: 0, waiting: 0 })
  #device: () => string | null = () => null
  #cluster: () => ClusterNumbers | null = () => null
  #step: 'starting' | 'serving' | 'stopping' = 'starting'

  constructor({ version, model, platforms }: WatchedProgram) {
    this.version = version
    this.model = model
    this.#platforms = platforms
  }

  /**
   * The model is loaded.
   * @param load tells how many questions run and wait
   * @param device tells what the model computes on; default nobody knows
   * @param cluster tells of bots and engines; default there are none
   */
  serving(
    load: () => QueueLoad,
    device: () => string | null = () => null,
    cluster: () => ClusterNumbers | null = () => null,
  ): void {
    this.#load = load
    this.#device = device
    this.#cluster = cluster
    this.#step = 'serving'
  }

  /** No question is taken from now on. */
  stopping(): void {
    this.#step = 'stopping'
  }

  phase(): Phase {
    if (this.#step !== 'serving') return this.#step
    return Object.values(this.platforms()).every((isConnected) => isConnected) ? 'ready' : 'unconnected'
  }

  load(): QueueLoad {
    return this.#load()
  }

  /** What the model computes on; null while that is not known. */
  device(): string | null {
    return this.#device()
  }

  /** Bots and engines together; null where everything is in this process. */
  cluster(): ClusterNumbers | null {
    return this.#cluster()
  }

  /** Whether events come in, by platform; of a bot or an engine also whether Redis and engines are there. */
  platforms(): Readonly<Record<string, boolean>> {
    return Object.fromEntries(
      this.#platforms.map((watched) => [watched.platform, watched.isConnected === undefined || watched.isConnected()]),
    )
  }
}
