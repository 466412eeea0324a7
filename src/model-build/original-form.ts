// Checkpoints in the form of their own code rather than of transformers: other keys in config.json, placeholders and prompt
// left to code. A form says how the one becomes the other; from there on both are read alike.
import type { OriginalForm } from './family.ts'
import { knownTower } from './known-towers.ts'

type Json = Readonly<Record<string, unknown>>

/** What closes a turn of ChatML. */
const TURN_END = '<|im_end|>'

/** ChatML with clips in front of the words, and the system prompt that Qwen2's template puts where there is none. */
const QWEN_TEMPLATE = [
  "{% if messages[0].role != 'system' %}",
  '{{ "<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n" }}{% endif %}',
  '{% for message in messages %}{{ "<|im_start|>" + message.role + "\\n" }}',
  '{% for part in message.content %}',
  "{% if part.type == 'text' %}{{ part.text }}{% else %}{{ '<image>\\n' }}{% endif %}",
  '{% endfor %}{{ "<|im_end|>\\n" }}{% endfor %}',
  '{% if add_generation_prompt %}{{ "<|im_start|>assistant\\n" }}{% endif %}',
].join('')

/** As the one above for InternVL, as its checkpoints for transformers have it: without a system prompt. */
const INTERNVL_TEMPLATE = [
  '{% for message in messages %}{{ "<|im_start|>" + message.role + "\\n" }}',
  '{% for part in message.content %}',
  "{% if part.type == 'text' %}{{ part.text }}",
  "{% elif part.type == 'image' %}{{ '<IMG_CONTEXT>\\n' }}{% else %}{{ '<video>\\n' }}{% endif %}",
  '{% endfor %}{{ "<|im_end|>\\n" }}{% endfor %}',
  '{% if add_generation_prompt %}{{ "<|im_start|>assistant\\n" }}{% endif %}',
].join('')

/** LLaVA's own code with Qwen2: LLaVA-Video, LLaVA-OneVision. Source: LLaVA-VL/LLaVA-NeXT, llava/model at df17966. */
export const ORIGINAL_LLAVA: OriginalForm = {
  translate: (json) => {
    const tower = typeof json.mm_vision_tower === 'string' ? knownTower(json.mm_vision_tower) : null
    return {
      ...json,
      vision_config: json.vision_config ?? tower ?? { model_type: json.mm_vision_tower },
      text_config: { ...json, model_type: 'qwen2' },
      vision_feature_layer: json.mm_vision_select_layer,
      vision_feature_select_strategy: json.mm_vision_select_feature === 'cls_patch' ? 'full' : 'default',
      vision_aspect_ratio: json.image_aspect_ratio,
      image_grid_pinpoints: gridSizes(json.image_grid_pinpoints, tower?.image_size ?? imageSize(json.vision_config)),
    }
  },
  chatTemplate: QWEN_TEMPLATE,
  turnEnd: TURN_END,
  placeholder: { text: '<image>', isNew: true },
  // As source: fixed in the code of its SigLIP tower.
  processor: (side) => ({
    size: { height: side, width: side },
    resample: 3,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
  }),
}

/** InternVL's own code. Source: OpenGVLab/InternVL, internvl_chat/internvl/model. */
export const INTERNVL_CHAT: OriginalForm = {
  translate: (json) => {
    const vision = (json.vision_config ?? {}) as Json
    return {
      ...json,
      vision_config: {
        ...vision,
        model_type: 'internvl_vision',
        attention_bias: vision.qkv_bias,
        use_qk_norm: vision.qk_normalization,
      },
      text_config: json.llm_config,
      vision_feature_layer: json.select_layer,
    }
  },
  chatTemplate: INTERNVL_TEMPLATE,
  // As source: its chat ends there; llm_config.eos_token_id is what Qwen2 ends a whole text with.
  turnEnd: TURN_END,
  placeholder: { text: '<IMG_CONTEXT>', isNew: false },
}

function imageSize(vision: unknown): unknown {
  return (vision as { image_size?: unknown } | null | undefined)?.image_size
}

/**
 * Sizes that a picture in parts may have, height before width. As source they are stated width first, as a list or as the
 * first and the last grid of squares: "(1x1),...,(6x6)".
 */
function gridSizes(stated: unknown, side: unknown): unknown {
  if (Array.isArray(stated)) return stated.map((size: unknown) => (Array.isArray(size) ? size.toReversed() : size))
  const corners = typeof stated === 'string' ? [...stated.matchAll(/\((\d+)x(\d+)\)/g)] : []
  const [first, last] = [corners[0], corners.at(-1)]
  if (first === undefined || last === undefined || typeof side !== 'number') return stated
  const range = (corner: number) => {
    const from = Number(first[corner])
    return Array.from({ length: Math.min(64, Number(last[corner]) - from + 1) }, (_, index) => from + index)
  }
  return range(1).flatMap((columns) => range(2).map((rows) => [rows * side, columns * side]))
}
