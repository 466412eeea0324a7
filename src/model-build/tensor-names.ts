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
  [/^(model\.)?visual\./, 'visual.'],
  [/^vision_model\.embeddings\.class_embedding$/, 'vision_tower.embeddings.cls_token'],
  [/^vision_model\.embeddings\.position_embedding$/, 'vision_tower.embeddings.position_embeddings'],
  [/^vision_model\.embeddings\.patch_embedding\./, 'vision_tower.embeddings.patch_embeddings.projection.'],
  [/^vision_model\.encoder\.layers\.(\d+)\.norm1\./, 'vision_tower.encoder.layer.$1.layernorm_before.'],
  [/^vision_model\.encoder\.layers\.(\d+)\.norm2\./, 'vision_tower.encoder.layer.$1.layernorm_after.'],
  [/^vision_model\.encoder\.layers\.(\d+)\.attn\.proj\./, 'vision_tower.encoder.layer.$1.attention.projection_layer.'],
  [/^vision_model\.encoder\.layers\.(\d+)\.attn\.qkv\./, 'vision_tower.encoder.layer.$1.attention.qkv_proj.'],
  [/^vision_model\.encoder\.layers\.(\d+)\.ls([12])$/, 'vision_tower.encoder.layer.$1.lambda_$2'],
  [/^vision_model\.encoder\.layers\./, 'vision_tower.encoder.layer.'],
  [/^mlp1\.0\./, 'multi_modal_projector.layer_norm.'],
  [/^mlp1\.1\./, 'multi_modal_projector.linear_1.'],
  [/^mlp1\.3\./, 'multi_modal_projector.linear_2.'],
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
  const parted = [...tensors].flatMap(([name, tensor]) => withoutPacking(usualName(name), tensor))
  for (const [usual, tensor] of parted) {
    const { name } = tensor
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

/** InternVL's own code keeps query, key and value of its tower in one tensor, one after the other. */
function withoutPacking(usual: string, tensor: StoredTensor): [string, StoredTensor][] {
  const [rows = 0, ...row] = tensor.shape
  if (!usual.includes('.attention.qkv_proj.') || rows % 3 !== 0) return [[usual, tensor]]
  const bytes = tensor.bytes / 3
  return ['q_proj', 'k_proj', 'v_proj'].map((part, index) => [
    usual.replace('qkv_proj', part),
    // A name of its own: weights of one name are taken for one.
    {
      ...tensor,
      name: `${tensor.name}[${part}]`,
      shape: [rows / 3, ...row],
      offset: tensor.offset + index * bytes,
      bytes,
    },
  ])
}

/** A tensor's name in the spelling of transformers 5. */
export function usualName(name: string): string {
  const found = SPELLINGS.find(([beginning]) => beginning.test(name))
  return found === undefined ? name : name.replace(found[0], found[1])
}
