// The unit that travels from the video room to the model: one decoded picture with its clip time.

/** One decoded frame. The receiver owns the memory; it may be transferred to another thread. */
export interface Frame {
  /** Clip time of the picture, seconds from the first one; 0 for a still image. */
  readonly timeSeconds: number
  /** Width after rotation and with square pixels. */
  readonly widthPixels: number
  /** Height after rotation and with square pixels. */
  readonly heightPixels: number
  /** uint8 RGB, HWC row-major, 0..255, no padding; length = width * height * 3. */
  readonly rgb: Uint8Array
}
