// Pieces of SentencePiece as the tokenizer.json that says the same. SentencePiece joins the neighbours whose union has the
// highest score, so the list of merges is every way to part a piece into two others, best pieces first.
// Source for the form: transformers 4.57 and 5.23, what LlamaTokenizer makes of tokenizer.model.
import type { Piece } from './sentencepiece.ts'

/** SentencePiece's mark for a space. */
const SPACE_MARK = '\u2581'

/** A token that is matched in the text as it stands, before any piece. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special: boolean
  /** Whether white space beside it is dropped; default false. */
  readonly strips?: boolean
}

/** What the checkpoint's tokenizer_config.json says. */
export interface SentencePieceSettings {
  /** Added before every text; null for none. */
  readonly bos: AddedToken | null
  /** Added behind every text; null for none. */
  readonly eos: AddedToken | null
  /** Whether every stretch between added tokens gets the space in front, as before transformers 4.31, or only the first. */
  readonly legacy: boolean
  /** Besides those among the pieces. */
  readonly added: readonly AddedToken[]
}

/** The tokenizer.json of some pieces. */
export function tokenizerOfPieces(pieces: readonly Piece[], settings: SentencePieceSettings): object {
  const ownTokens: AddedToken[] = pieces.flatMap(({ text, kind }, id) =>
    kind === 'normal' || kind === 'byte' ? [] : [{ id, content: text, special: kind !== 'user-defined' }],
  )
  const ownIds = new Set(ownTokens.map(({ id }) => id))
  const added = [...ownTokens, ...settings.added.filter(({ id }) => !ownIds.has(id))]
  const { bos, eos, legacy } = settings
  const around = [bos, 'text', eos].flatMap((one) => (one === null ? [] : [one]))
  const special = [bos, eos].filter((token) => token !== null)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added
      .toSorted((a, b) => a.id - b.id)
      .map(({ id, content, special: isSpecial, strips = false }) => {
        return {
          id,
          content,
          special: isSpecial,
          single_word: false,
          lstrip: strips,
          rstrip: strips,
          normalized: false,
        }
      }),
    normalizer: legacy
      ? {
          type: 'Sequence',
          normalizers: [
            { type: 'Prepend', prepend: SPACE_MARK },
            { type: 'Replace', pattern: { String: ' ' }, content: SPACE_MARK },
          ],
        }
      : null,
    pre_tokenizer: legacy
      ? null
      : { type: 'Metaspace', replacement: SPACE_MARK, prepend_scheme: 'first', split: false },
    post_processor: {
      type: 'TemplateProcessing',
      single: around.map((one) =>
        typeof one === 'string'
          ? { Sequence: { id: 'A', type_id: 0 } }
          : { SpecialToken: { id: one.content, type_id: 0 } },
      ),
      pair: [],
      special_tokens: Object.fromEntries(
        special.map(({ content, id }) => [content, { id: content, ids: [id], tokens: [content] }]),
      ),
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: SPACE_MARK }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: pieces.find(({ kind }) => kind === 'unknown')?.text ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
      merges: mergesOf(pieces),
    },
  }
}

/** Pairs of pieces that make a piece, those of the best piece first; of one piece, the pair with the longest left half. */
function mergesOf(pieces: readonly Piece[]): [string, string][] {
  const normal = new Map(pieces.flatMap(({ text, score, kind }) => (kind === 'normal' ? [[text, score] as const] : [])))
  const merges: { left: string; right: string; score: number }[] = []
  for (const [text, score] of normal) {
    const characters = Array.from(text)
    let left = ''
    for (let cut = 1; cut < characters.length; cut++) {
      left += characters[cut - 1]!
      const right = text.slice(left.length)
      if (normal.has(left) && normal.has(right)) merges.push({ left, right, score })
    }
  }
  return merges
    .sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length)
    .map(({ left, right }) => [left, right])
}
