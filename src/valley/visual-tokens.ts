// What the model keeps of a clip once it has looked at it: the rows that enter the decoder in place of placeholders.

/** The visual tokens of one clip. */
export interface VisualTokens {
  /** Content hash and sampling of the clip: the same key means the same rows. */
  readonly key: string
  /** P, pooled patch rows; they come first. Where frames keep tokens of their own, all rows. */
  readonly patchCount: number
  /** T, frame rows, one a frame in time order; they follow the patch rows. */
  readonly frameCount: number
  /** [P + T, Dl] float32 row-major; may lie in shared memory. */
  readonly rows: Float32Array
  /** [T, 3, X, X] float32, kept only for a probe; a picture looked at in parts has one a part. */
  readonly pixelValues: Float32Array | null
  /** H and W of the pixel values where frames keep their shape; elsewhere both are X. */
  readonly pixelSize?: { readonly heightPixels: number; readonly widthPixels: number }
  /** How the rows divide, and what the prompt says of the clip beside them; only where frames keep tokens of their own. */
  readonly groups?: ClipGroups
  /** Clip time of each of the T frames, seconds; only where the prompt tells them. */
  readonly frameTimesSeconds?: readonly number[]
}

/** The rows of a clip in the groups that its text in the prompt sets apart. */
export interface ClipGroups {
  readonly kind: 'video' | 'image'
  /** Rows of each group, in order; together P, and T is 0. */
  readonly counts: readonly number[]
  /** Where a picture was split: its parts come row by row, each a group, and the whole as the last group. */
  readonly tiles?: { readonly rows: number; readonly columns: number }
  /** Where frames keep their shape: tokens of a group by row and column, and how far the places of groups in time differ. */
  readonly grid?: { readonly rows: number; readonly columns: number; readonly placesApart: number }
  /** Clip time of each frame, seconds. */
  readonly timesSeconds: readonly number[]
}

/** Turns a flat array into nested lists of numbers, for a probe's JSON. */
export function nestNumbers(data: Float32Array, dims: readonly number[]): unknown[] {
  const [count = 0, ...inner] = dims
  if (inner.length === 0) return Array.from(data)
  const stride = data.length / count
  return Array.from({ length: count }, (_, index) =>
    nestNumbers(data.subarray(index * stride, (index + 1) * stride), inner),
  )
}
