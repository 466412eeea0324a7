// What a manifest says of a public family's model beside its sizes: tokens, prompt, frames, pixels. No weights are needed.
import type { FrameTokensRecipe, ModelManifest } from '../model-package/manifest.ts'
import { tokensOfFrame } from '../valley/frame-token-count.ts'
import { invalidFile } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { readTokenizer, withPlaceholder } from './checkpoint-tokenizer.ts'
import { readChatTemplate, TokenTable } from './checkpoint-tokens.ts'
import type { Family, FamilyClipText, OriginalForm } from './family.ts'
import type { FamilyConfig } from './family-config.ts'
import { packageName, readLicence } from './model-card.ts'

/** What was found out about a checkpoint before. */
export interface KnownOfFamily {
  readonly config: FamilyConfig
  readonly family: Family
  /** For checkpoints in the form of other code than transformers'. */
  readonly form: OriginalForm | undefined
  /** P of a frame's features, V and the longest sequence. */
  readonly shapes: { readonly patches: number; readonly vocabulary: number; readonly context: number }
  /** Frames of a clip as the family has them. */
  readonly frames: ModelManifest['frames']
  readonly frameTokens: NonNullable<ModelManifest['frameTokens']>
  readonly pixels: ModelManifest['pixels']
}

/**
 * Reads tokenizer, chat template and model card, and puts the facts together.
 * @throws AppError CHECKPOINT_INVALID, CHECKPOINT_UNSUPPORTED
 */
export async function readFamilyFacts(
  directory: string,
  { config, family, form, shapes, frames, frameTokens, pixels }: KnownOfFamily,
): Promise<Pick<Checkpoint, 'facts' | 'tokenizer' | 'chatTemplate'>> {
  const eos = config.text_config.eos_token_id
  const tokenizer = withPlaceholder(await readTokenizer(directory), form?.placeholder)
  const table = await TokenTable.read(directory, tokenizer, shapes.vocabulary, eos == null ? undefined : [eos].flat())
  const name = packageName(directory, config._name_or_path)
  const clips = family.clips(config)
  const facts: Checkpoint['facts'] = {
    family: family.name,
    name,
    description: family.description,
    licence: await readLicence(directory),
    source: { repository: config._name_or_path ?? name, revision: 'not stated by the checkpoint' },
    frames: framesWithin(frames, frameTokens.video, shapes.patches, shapes.context),
    pixels,
    tokens: table.ends(form?.turnEnd),
    frameTokens,
    prompt: {
      system: '',
      stop: [],
      reserved: [...family.reserved],
      clipPosition: 'before-text',
      clips: {
        video: clipText(directory, config, clips.video, table, form?.placeholder.text),
        image: clipText(directory, config, clips.image, table, form?.placeholder.text),
      },
    },
  }
  const chatTemplate = form?.chatTemplate ?? family.chatTemplate ?? (await readChatTemplate(directory))
  return { facts, tokenizer, chatTemplate }
}

/** The family's number of frames, or fewer where they would take more than half of the context. */
function framesWithin(
  frames: ModelManifest['frames'],
  recipe: FrameTokensRecipe,
  patches: number,
  context: number,
): ModelManifest['frames'] {
  const most = Math.max(1, Math.floor(context / 2 / tokensOfFrame(recipe, patches)))
  return frames.mode === 'fps'
    ? { ...frames, maxCount: Math.min(frames.maxCount, most) }
    : { ...frames, count: Math.min(frames.count, most) }
}

function clipText(
  directory: string,
  config: FamilyConfig,
  { token, mark, ...text }: FamilyClipText,
  table: TokenTable,
  placeholderText: string | undefined,
): NonNullable<ModelManifest['prompt']['clips']>['video'] {
  if (placeholderText !== undefined) {
    const placeholder = table.byText(placeholderText)
    return { ...text, mark: mark ?? placeholder.text, placeholder }
  }
  const id =
    token === 'image'
      ? (config.image_token_index ?? config.image_token_id)
      : (config.video_token_index ?? config.video_token_id)
  if (id === undefined)
    throw invalidFile(directory, 'config.json', `has neither ${token}_token_index nor ${token}_token_id`)
  const placeholder = table.byId(id)
  return { ...text, mark: mark ?? placeholder.text, placeholder }
}
