// What is remembered of clips that were looked at: under which key their visual tokens lie in the engine, and when their
// frames were taken. So a follow-up need not open the clip again, and its report still names the frames.

/** A clip that was looked at. */
export interface LookedAtClip {
  /** Key of its visual tokens in the engine: content hash, frame recipe. */
  readonly key: string
  readonly frameTimesSeconds: readonly number[]
}

/** Which clip of which thread, and how it is sampled. A clip id stands for the same content as long as its thread lives. */
export interface ClipPlace {
  readonly threadId: string
  readonly clipId: string
  /** How its platform finds it. */
  readonly handle: string
  /** The frame recipe as text. */
  readonly recipe: string
}

/** Far more than any engine keeps visual tokens for; some 10 kB each at most. */
const MAX_ENTRIES = 2000

/** A bounded memory of looked-at clips; the one unused for longest goes first. */
export class ClipMemory {
  /** In order of use: a Map keeps insertion order. */
  readonly #byPlace = new Map<string, { threadId: string; clip: LookedAtClip }>()
  readonly #byKey = new Map<string, LookedAtClip>()

  /** What this clip of this thread was found to be. */
  atPlace(place: ClipPlace): LookedAtClip | null {
    return use(this.#byPlace, placeText(place))?.clip ?? null
  }

  /** A clip of the same content and recipe, wherever it was seen. */
  underKey(key: string): LookedAtClip | null {
    return use(this.#byKey, key) ?? null
  }

  /** Remembers a clip for its place and its key. */
  remember(place: ClipPlace, clip: LookedAtClip): void {
    put(this.#byPlace, placeText(place), { threadId: place.threadId, clip })
    put(this.#byKey, clip.key, clip)
  }

  /** Forgets the places of a thread; what lies under a key belongs to no thread. */
  forgetThread(threadId: string): void {
    for (const [text, entry] of this.#byPlace) if (entry.threadId === threadId) this.#byPlace.delete(text)
  }
}

function placeText({ threadId, clipId, handle, recipe }: ClipPlace): string {
  return JSON.stringify([threadId, clipId, handle, recipe])
}

function use<Value>(map: Map<string, Value>, key: string): Value | undefined {
  const value = map.get(key)
  if (value !== undefined) put(map, key, value)
  return value
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= MAX_ENTRIES) break
    map.delete(oldest)
  }
}
