// The port to what is remembered of where Valley was spoken to, and until when it listened: from that, posts that came
// while nobody listened are found.

/** Remembers beyond the process. */
export interface HeardPlaces {
  /** Notes that the events of a platform come in now. */
  listening(platform: string): Promise<void>
  /** When they were last known to come in, milliseconds since 1970; null when they never were. */
  lastHeardMs(platform: string): Promise<number | null>
  /** When they came in for the first time, milliseconds since 1970; null when that was never or is long ago. */
  firstHeardMs(platform: string): Promise<number | null>
  /** Notes that Valley was spoken to at a place. @param place begins with its platform */
  add(place: string): Promise<void>
  /** Places of a platform, the one spoken at last first. */
  places(platform: string, atMost: number): Promise<readonly string[]>
}

/**
 * The same places, with times of its own for a process that hears a part of a platform only.
 * @param part told from others by this; empty for the whole
 */
export function heardInPart(heard: HeardPlaces, part: string): HeardPlaces {
  return {
    listening: (platform) => heard.listening(`${platform}${part}`),
    lastHeardMs: (platform) => heard.lastHeardMs(`${platform}${part}`),
    firstHeardMs: (platform) => heard.firstHeardMs(`${platform}${part}`),
    add: (place) => heard.add(place),
    places: (platform, atMost) => heard.places(platform, atMost),
  }
}

/** Remembers nothing: what comes while nobody listens is missed. */
export const NO_HEARD_PLACES: HeardPlaces = {
  listening: async () => {},
  lastHeardMs: async () => null,
  firstHeardMs: async () => null,
  add: async () => {},
  places: async () => [],
}
