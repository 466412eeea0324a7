// The spellings of tensor names. One network has been saved under several: by LLaVA's own code, by transformers 4, between
// 4.52 and 5, and by 5. All are read as the last one.
import { AppError } from '../errors.ts'
import type { StoredTensor } from './safetensors-header.ts'

/** Tried in order, the first that matches wins: beginning of a name, and what takes its place. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^(model\.)?language_model\.model\./, 'language_model.model.'],
  [/^(model\.)?language_model\.lm_head\./, 'language_model.lm_head.'],
  [/^model\.(language_model|text_model)\./, 'language_model.model.'],
  [/^lm_head\./, 'language_model.lm_head.'],
  [/^(model\.)?vision_tower\.(vision_tower\.)?(vision_model\.)?/, 'vision_tower.'],
  [/^(model\.)?image_tower\.(vision_model\.)?/, 'image_tower.'],
  [/^(model\.)?video_tower\.(vision_model\.)?/, 'video_tower.'],
  [/^model\.vision_model\./, 'vision_tower.'],
  [/^(model\.)?multi_modal_projector\./, 'multi_modal_projector.'],
  [/^model\.connector\.modality_projection\.proj\./, 'multi_modal_projector.linear_1.'],
  [/^model\.mm_projector\.0\./, 'multi_modal_projector.linear_1.'],
  [/^model\.mm_projector\.2\./, 'multi_modal_projector.linear_2.'],
  [/^(model\.)?image_newline$/, 'image_newline'],
  [/^model\.(?=(layers|embed_tokens|norm)\.)/, 'language_model.model.'],
]

/**
 * The tensors under the names that transformers 5 gives them.
 * @throws AppError CHECKPOINT_INVALID when two tensors are the same one in two spellings
 */
export function tensorsByUsualName(tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const renamed = new Map<string, StoredTensor>()
  for (const [name, tensor] of tensors) {
    const usual = usualName(name)
    const other = renamed.get(usual)
    if (other !== undefined) {
      throw new AppError(
        'CHECKPOINT_INVALID',
        `The checkpoint holds both ${other.name} and ${name}, which are one tensor in two spellings; only one is expected. Fetch the checkpoint again.`,
        { details: { tensor: name, other: other.name } },
      )
    }
    renamed.set(usual, tensor)
  }
  return renamed
}

/** A tensor's name in the spelling of transformers 5. */
export function usualName(name: string): string {
  const found = SPELLINGS.find(([beginning]) => beginning.test(name))
  return found === undefined ? name : name.replace(found[0], found[1])
}
