// tokenizer.model, as SentencePiece writes it: a protobuf of pieces with scores, and how text is prepared. Field numbers are
// those of sentencepiece_model.proto (google/sentencepiece, src). Only what LLaMA's tokenizers use is taken: BPE with byte
// fallback and no normalisation; whatever would tokenise otherwise is refused.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import protobuf from 'protobufjs/light.js'
import { AppError } from '../errors.ts'
import { invalidFile } from './checkpoint-config.ts'
import { requireFetched } from './git-pointer.ts'

/** Name of the file. */
export const SENTENCEPIECE_FILE = 'tokenizer.model'
/** Gemma's, the largest in use, has 4 MB and 262144 pieces. */
const MAX_FILE_BYTES = 32 * 1024 * 1024
const MAX_PIECES = 400_000
/** SentencePiece makes none longer than 16 characters unless told. */
const MAX_PIECE_CHARACTERS = 256
const BPE = 2
/** ModelProto.SentencePiece.Type */
const KINDS = { 1: 'normal', 2: 'unknown', 3: 'control', 4: 'user-defined', 6: 'byte' } as const

/** One piece; its id is its place in the list. */
export interface Piece {
  readonly text: string
  readonly score: number
  readonly kind: (typeof KINDS)[keyof typeof KINDS]
}

interface ModelProto {
  pieces: { piece: string; score: number; type: number }[]
  trainerSpec?: { modelType: number; byteFallback: boolean }
  normalizerSpec?: { precompiledCharsmap?: Uint8Array; addDummyPrefix: boolean; escapeWhitespaces: boolean }
}

const root = protobuf.Root.fromJSON({
  nested: {
    Piece: {
      fields: {
        piece: { type: 'string', id: 1 },
        score: { type: 'float', id: 2 },
        type: { type: 'int32', id: 3, options: { default: 1 } },
      },
    },
    Trainer: {
      fields: {
        modelType: { type: 'int32', id: 3, options: { default: 1 } },
        byteFallback: { type: 'bool', id: 35 },
      },
    },
    Normalizer: {
      fields: {
        precompiledCharsmap: { type: 'bytes', id: 2 },
        addDummyPrefix: { type: 'bool', id: 3, options: { default: true } },
        escapeWhitespaces: { type: 'bool', id: 5, options: { default: true } },
      },
    },
    Model: {
      fields: {
        pieces: { rule: 'repeated', type: 'Piece', id: 1 },
        trainerSpec: { type: 'Trainer', id: 2 },
        normalizerSpec: { type: 'Normalizer', id: 3 },
      },
    },
  },
})
const modelType = root.lookupType('Model')

/**
 * Reads tokenizer.model.
 * @returns pieces in the order of their ids
 * @throws AppError CHECKPOINT_INVALID for a broken file, CHECKPOINT_UNSUPPORTED for one that tokenises in another way
 */
export async function readSentencePieces(directory: string): Promise<Piece[]> {
  const fail = (problem: string, cause?: unknown) => invalidFile(directory, SENTENCEPIECE_FILE, problem, cause)
  const path = join(directory, SENTENCEPIECE_FILE)
  const size = (
    await stat(path).catch((cause: unknown) => {
      throw fail('cannot be read; a checkpoint without tokenizer.json needs it', cause)
    })
  ).size
  await requireFetched(path)
  if (size > MAX_FILE_BYTES) throw fail(`has ${size} bytes; at most ${MAX_FILE_BYTES} are allowed`)
  let model: ModelProto
  try {
    model = modelType.toObject(modelType.decode(await readFile(path)), { defaults: true, arrays: true }) as ModelProto
  } catch (cause) {
    throw fail('is no model of SentencePiece', cause)
  }
  const { pieces, trainerSpec: trainer, normalizerSpec: normalizer } = model
  if (pieces.length === 0 || pieces.length > MAX_PIECES) {
    throw fail(`holds ${pieces.length} pieces; 1 to ${MAX_PIECES} are allowed`)
  }
  const charsmap = normalizer?.precompiledCharsmap?.length ?? 0
  const isLike = trainer?.modelType === BPE && trainer.byteFallback && charsmap === 0
  if (!isLike || normalizer?.addDummyPrefix === false || normalizer?.escapeWhitespaces === false) {
    const seen = `model type ${trainer?.modelType}, byte fallback ${trainer?.byteFallback}, ${charsmap} bytes of normalisation, dummy prefix ${normalizer?.addDummyPrefix}`
    throw new AppError(
      'CHECKPOINT_UNSUPPORTED',
      `${path} has ${seen}; this builder takes BPE (2) with byte fallback, without normalisation, with the prefix. Choose a checkpoint with tokenizer.json.`,
      { details: { directory } },
    )
  }
  return pieces.map(({ piece: text, score, type }, id) => {
    const kind = (KINDS as Readonly<Record<number, Piece['kind'] | undefined>>)[type]
    if (kind === undefined || text === '' || text.length > MAX_PIECE_CHARACTERS || !Number.isFinite(score)) {
      throw fail(`has the piece ${id} of type ${type} with ${text.length} characters and score ${score}`)
    }
    return { text, score, kind }
  })
}
