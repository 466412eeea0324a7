// How many visual tokens a frame costs in families whose frames keep tokens of their own.
import type { FrameTokensRecipe } from '../model-package/manifest.ts'
import { pooledSize } from './spatial-pooling.ts'

/** Visual tokens of one video frame, without a newline behind the whole clip. */
export function tokensOfFrame({ keepClass, pool, newline }: FrameTokensRecipe, patches: number): number {
  const side = pool === null ? Math.sqrt(patches) : pooledSize(Math.sqrt(patches), pool.by).side
  const lineEnds = newline === 'row' ? side : newline === 'frame' ? 1 : 0
  return side ** 2 + (keepClass ? 1 : 0) + lineEnds
}
