// How Valley's checkpoints of 2023 are spoken to. Their code writes a conversation in three ways, and none is stored with the
// weights, so it is a setting: `promptFormat` in valley_config.json. Source: RupertLuo/Valley at 83d794f.
import { z } from 'zod'

/**
 * training: as the training data read (data/dataset.py). completion: as the model's own completion function writes it, which
 * lets the model write its label itself (model/valley_model.py). serving: as its web page writes it (conversation.py).
 */
export const promptFormatSchema = z.enum(['training', 'completion', 'serving'])
/** One of the three. */
export type PromptFormat = z.infer<typeof promptFormatSchema>

/** Ends a turn in all three. */
export const TURN_MARK = '###'
/** What the model may write before its answer. Differs from source: "Assistent" is misspelt there, here both are known. */
export const ANSWER_LABELS = ['Assistant:', 'Assistent:', 'Response:', 'Valley:']

/** The header of the published training settings (conv_mode v1), which LLaVA and Vicuna have too. */
export const VICUNA_SYSTEM =
  'A chat between a curious human and an artificial intelligence assistant. ' +
  "The assistant gives helpful, detailed, and polite answers to the human's questions."

const turns = (system: string, human: string, answer: string, end: string) =>
  `{% for message in messages %}{% if message.role == 'system' %}{{ message.content + ${system} }}` +
  `{% elif message.role == 'user' %}{{ ${human} + message.content + ${end} }}` +
  `{% else %}{{ ${answer} + message.content + ${end} }}{% endif %}{% endfor %}`

/** Jinja text of each format. The begin token comes from the tokenizer. */
export const PROMPT_TEMPLATES: Readonly<Record<PromptFormat, string>> = {
  training:
    turns('"\\n\\n"', '"### Human: "', '"### Assistant: "', '"\\n"') +
    '{% if add_generation_prompt %}{{ "### Assistant:" }}{% endif %}',
  // Differs from source: a turn without a clip is kept, and the label of earlier answers is spelt rightly.
  completion: turns('"\\n\\n###"', '" Human: "', '" Assistant: "', '" \\n###"'),
  serving:
    turns('"###"', '"Human: "', '"Assistant: "', '"###"') +
    '{% if add_generation_prompt %}{{ "Assistant:" }}{% endif %}',
}
