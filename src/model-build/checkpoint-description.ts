// A checkpoint as its reader hands it to the builder.
import type { ModelManifest } from '../model-package/manifest.ts'
import type { ValleyArchitecture } from './architecture.ts'
import type { TokenizerFiles } from './checkpoint-tokenizer.ts'

/** What a manifest says of a model beside its sizes. */
export type CheckpointFacts = Pick<
  ModelManifest,
  'family' | 'name' | 'description' | 'licence' | 'source' | 'frames' | 'pixels' | 'prompt' | 'tokens' | 'frameTokens'
> &
  Partial<Pick<ModelManifest, 'patchGrid'>> & { readonly maxFrames?: number | undefined }

/** A checkpoint, ready to be built. */
export interface Checkpoint {
  readonly directory: string
  readonly architecture: ValleyArchitecture
  readonly facts: CheckpointFacts
  readonly tokenizer: TokenizerFiles
  /** Jinja text of the chat template. */
  readonly chatTemplate: string
}
