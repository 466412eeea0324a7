// Towers that old checkpoints name instead of describing them: their code loads the tower from the hub by this name. The
// numbers are those of the towers' own config.json there.

/** What a tower's own config.json says, in the keys of transformers. */
export interface KnownTower {
  readonly model_type: 'clip_vision_model' | 'siglip_vision_model'
  readonly image_size: number
  readonly patch_size: number
  readonly hidden_size: number
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
}

const CLIP_LARGE = {
  model_type: 'clip_vision_model',
  image_size: 224,
  patch_size: 14,
  hidden_size: 1024,
  intermediate_size: 4096,
  num_hidden_layers: 24,
  num_attention_heads: 16,
} as const

/** Towers by the name that checkpoints give them. */
export const KNOWN_TOWERS: Readonly<Record<string, KnownTower>> = {
  'openai/clip-vit-large-patch14': CLIP_LARGE,
  'openai/clip-vit-large-patch14-336': { ...CLIP_LARGE, image_size: 336 },
  'OFA-Sys/chinese-clip-vit-large-patch14': CLIP_LARGE,
  'google/siglip-so400m-patch14-384': {
    model_type: 'siglip_vision_model',
    image_size: 384,
    patch_size: 14,
    hidden_size: 1152,
    intermediate_size: 4304,
    num_hidden_layers: 27,
    num_attention_heads: 16,
  },
}

/** The tower of a name; null for one that is not known. */
export function knownTower(name: string): KnownTower | null {
  return Object.hasOwn(KNOWN_TOWERS, name) ? KNOWN_TOWERS[name]! : null
}
