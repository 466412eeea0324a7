// What is remembered of clips that were looked at: under which key their visual tokens lie in the engine, when their frames
// were taken and what they look like when tiny. So a follow-up need not fetch and open the clip again, and its report still
// names and draws the frames.
import type { Thumbnail } from '../video/thumbnail.ts'

/** A clip that was looked at. */
export interface LookedAtClip {
  /** Key of its visual tokens in the engine: content hash, frame recipe. */
  readonly key: string
  readonly frameTimesSeconds: readonly number[]
  /** Frames made tiny, some of them where there are many; null when nobody asked for any. */
  readonly thumbnails: readonly Thumbnail[] | null
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

/** More than most engines keep visual tokens for; some 100 kB each at most. */
const MAX_ENTRIES = 500

/** A bounded memory of looked-at clips; the one unused for longest goes first. */
export class ClipMemory {
  /** Keys of clips by place, in order of use: a Map keeps insertion order. */
  readonly #keys = new Map<string, { readonly threadId: string; readonly key: string }>()
  readonly #clips = new Map<string, LookedAtClip>()

  /** What this clip of this thread was found to be. */
  atPlace(place: ClipPlace): LookedAtClip | null {
    const found = use(this.#keys, placeText(place))
    return found === undefined ? null : this.underKey(found.key)
  }

  /** A clip of the same content and recipe, wherever it was seen. */
  underKey(key: string): LookedAtClip | null {
    return use(this.#clips, key) ?? null
  }

  /** Remembers a clip for its place and its key. */
  remember(place: ClipPlace, clip: LookedAtClip): void {
    put(this.#keys, placeText(place), { threadId: place.threadId, key: clip.key })
    put(this.#clips, clip.key, clip)
  }

  /** Forgets the clips of a thread, except those that another thread showed too. */
  forgetThread(threadId: string): void {
    const forgotten = [...this.#keys].filter(([, entry]) => entry.threadId === threadId)
    for (const [text] of forgotten) this.#keys.delete(text)
    const stillKnown = new Set([...this.#keys.values()].map(({ key }) => key))
    for (const [, { key }] of forgotten) if (!stillKnown.has(key)) this.#clips.delete(key)
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
