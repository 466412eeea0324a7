// Byte-level BPE kept as vocab.json and merges.txt, as old code saves it, as the tokenizer.json that says the same. How words
// are told apart stands in neither file: it belongs to the tokenizer's class, and Qwen2's is the one that is known here.
// Source: transformers 5.23, models/qwen2/tokenization_qwen2.py.
import type { AddedToken } from './sentencepiece-tokenizer.ts'

/** Names of the class in tokenizer_config.json. */
export const BYTE_LEVEL_CLASSES: readonly string[] = ['Qwen2Tokenizer', 'Qwen2TokenizerFast']
/** Contractions; letters with one sign before them; single digits; other signs; line ends; white space. */
const WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

/**
 * The tokenizer.json of a vocabulary with merges.
 * @param merges the lines of merges.txt, without its heading
 */
export function tokenizerOfMerges(
  vocab: Readonly<Record<string, number>>,
  merges: readonly string[],
  added: readonly AddedToken[],
): object {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map(({ id, content, special }) => ({ id, content, special, ...flags })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges,
    },
  }
}
