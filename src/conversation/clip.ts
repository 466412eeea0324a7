// What the conversation knows of a clip: how its platform can find it again, never the clip itself. Plain data that can be
// stored for months, so it holds neither an address that expires nor anything secret.

/** A clip as an adapter hands it over, found in a post that the asker may see. */
export interface IncomingClip {
  /** Who can locate it: the `platform` of the adapter. */
  readonly platform: string
  /**
   * What that adapter finds it by, e.g. channel, message and attachment ids, or a path on this machine. The same handle
   * always means the same content. Never a signed address, never a token.
   */
  readonly handle: string
  /** File name as the platform shows it. */
  readonly name?: string
  /** Size that the platform states, bytes; checked again when it is fetched. */
  readonly bytes?: number
  /** Media type that the platform states, e.g. `video/mp4`; the kind is told from the bytes. */
  readonly mediaType?: string
}

/** A clip of a thread. */
export interface ClipReference extends IncomingClip {
  /** Stable within its thread and never given twice, e.g. `clip-1`. */
  readonly id: string
}

/** Where the bytes of a clip can be had right now. */
export type ClipLocation =
  /** A file on this machine. */
  | { readonly kind: 'file'; readonly path: string }
  /** An address. Used at once and then thrown away; it may be signed. */
  | {
      readonly kind: 'address'
      readonly url: string
      /** Sent to the host of `url` only, never to one that it redirects to. May hold a token. */
      readonly headers?: Readonly<Record<string, string>>
      /**
       * Hosts that may serve the clip, redirects included: `cdn.example.com`, or `*.example.com` for every host below it.
       * With a port (`127.0.0.1:4000`) only that port is meant; without one, any.
       */
      readonly allowedHosts: readonly string[]
    }

/**
 * Finds where a clip can be had, now: asks the platform for a fresh address.
 * @throws AppError CLIP_MISSING when it is gone, CLIP_ACCESS_DENIED when the platform does not let us see it,
 *   CLIP_UNREACHABLE when the platform does not answer; signal.reason on abort
 */
export type ClipLocator = (clip: IncomingClip, signal: AbortSignal) => Promise<ClipLocation>
