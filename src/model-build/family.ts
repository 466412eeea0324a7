// What a description of a public family says; families.ts has them all.
import type { ClipText, FrameTokensRecipe, ModelManifest } from '../model-package/manifest.ts'
import type { FamilyConfig } from './family-config.ts'
import type { Processor } from './preprocessor-config.ts'

/** How a kind of clip is written, its placeholder apart: the token comes from the config. */
export interface FamilyClipText extends Omit<ClipText, 'mark' | 'placeholder'> {
  /** Which of the config's token ids is the placeholder. */
  readonly token: 'image' | 'video'
  /** What the template writes; the placeholder's own text where it is left out. */
  readonly mark?: string
}

/** How checkpoints in the form of their own code are read as if transformers had saved them. */
export interface OriginalForm {
  /** config.json in transformers' keys. */
  readonly translate: (config: Readonly<Record<string, unknown>>) => unknown
  /** Jinja text. */
  readonly chatTemplate: string
  /** The token that visual tokens replace: one of the tokenizer's, or one that the code adds without an id. */
  readonly placeholder: { readonly text: string; readonly isNew: boolean }
  /** Closes a turn in the template: an answer ends there too, whatever config.json says. */
  readonly turnEnd: string
  /** Settings of the processors where the checkpoint has no file of them; side is that of the tower's input. */
  readonly processor?: (side: number) => unknown
}

/** How a clip of one kind becomes visual tokens, the class feature apart. */
export type FrameTokensPlan = Omit<FrameTokensRecipe, 'keepClass'>

/** One family of checkpoints. */
export interface Family {
  readonly name: ModelManifest['family']
  /** Names in config.json's `architectures`. */
  readonly architectures: readonly string[]
  /** Forms of other code than transformers', by their architecture. */
  readonly originalForms?: Readonly<Record<string, OriginalForm>>
  /** For people. */
  readonly description: string
  /** Entry of hidden_states where config.json does not say. */
  readonly featureLayer: number
  /** Whether the norm behind the last block is applied; default false. */
  readonly outputNorm?: boolean
  /** What vision_feature_select_strategy is where config.json does not say. */
  readonly featureStrategy: 'default' | 'full'
  readonly keepsClass: Readonly<Record<'video' | 'image', 'always' | 'as-config'>>
  /** Whether the head is the table of embeddings where config.json does not say and none is stored; default false. */
  readonly tiedByDefault?: boolean
  readonly video: (config: FamilyConfig, processor: Processor) => FrameTokensPlan
  readonly image: (config: FamilyConfig, processor: Processor) => FrameTokensPlan
  readonly projector: 'one-layer' | 'two-layers' | 'norm-two-layers'
  /** Whether there is a newline row beside the projector. */
  readonly hasNewline: boolean
  /** Where the towers' tensors stand; both the same for most. */
  readonly towers: Readonly<Record<'video' | 'image', string>>
  readonly clips: (config: FamilyConfig) => Readonly<Record<'video' | 'image', FamilyClipText>>
  /** Jinja text that takes the place of the checkpoint's own template. */
  readonly chatTemplate?: string
  /** Texts that the chat template gives a meaning without a special token. */
  readonly reserved: readonly string[]
  /** Frames of a clip unless asked otherwise; fewer where the context is small. */
  readonly frames: (processor: Processor) => ModelManifest['frames']
  /** Whether do_pad fills pictures up to a square; elsewhere the word has other meanings. */
  readonly padsToSquare: boolean
}
