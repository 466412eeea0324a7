// tokenizer.model against transformers' LlamaTokenizer and SentencePiece itself, on texts that are hard for tokenizers; see
// training/valley_training/fixtures/sentencepieces.py.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readTokenizer } from '../../../src/model-build/checkpoint-tokenizer.ts'
import { Tokenizer } from '../../../src/valley/tokenizer.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson, copyTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts'

const FIXTURE = fileURLToPath(new URL('../../fixtures/sentencepiece', import.meta.url))

interface ReferenceText {
  readonly text: string
  /** Ids by LlamaTokenizer with legacy false. */
  readonly transformers: readonly number[]
  /** Ids by the LlamaTokenizer of transformers 4.28.1. */
  readonly legacy: readonly number[]
  /** Ids by SentencePiece, for texts without added tokens. */
  readonly sentencepiece?: readonly number[]
  readonly sentencepieceDecoded?: string
}

const { cases } = JSON.parse(readFileSync(join(FIXTURE, 'reference.json'), 'utf8')) as { cases: ReferenceText[] }
const ownCases = cases.filter(({ sentencepiece }) => sentencepiece !== undefined)

function copyFixture(): string {
  const directory = temporaryFolder()
  cpSync(FIXTURE, directory, { recursive: true })
  return directory
}

async function open(directory: string): Promise<Tokenizer> {
  const { tokenizer, config } = await readTokenizer(directory)
  return new Tokenizer(tokenizer, config)
}

describe('a tokenizer.model', () => {
  it.each(cases)('gives the ids of LlamaTokenizer for $text', async ({ text, transformers }) => {
    expect((await open(FIXTURE)).encode(text, true)).toEqual(transformers)
  })

  it.each(cases)('gives the ids of transformers 4.28 for $text where the checkpoint is that old', async (reference) => {
    const directory = copyFixture()
    changeJson(directory, 'tokenizer_config.json', (config) => {
      delete config.legacy
    })
    const ids = (await open(directory)).encode(reference.text, true)
    expect(ids).toEqual(reference.legacy)
    expect(ids).toEqual(reference.sentencepiece ?? ids)
  })

  it.each(ownCases)('gives the text of $text back', async ({ text, sentencepiece, sentencepieceDecoded }) => {
    const tokenizer = await open(FIXTURE)
    const ids = sentencepiece!.slice(1)
    // @huggingface/tokenizers decodes bytes with a TextDecoder that takes byte order marks away.
    expect(tokenizer.decode(ids)).toBe(sentencepieceDecoded?.replaceAll('\ufeff', ''))
    expect(text.replaceAll('▁', ' ')).toBe(sentencepieceDecoded)
  })

  it('takes the ids of added tokens from the file beside it, and no user can write them', async () => {
    const tokenizer = await open(FIXTURE)
    expect(tokenizer.specialTexts).toEqual(expect.arrayContaining(['<s>', '</s>', '<unk>', '<im_patch>', '<im_end>']))
    expect(tokenizer.encode('<im_end>', false)).toEqual([422])
  })

  it('takes added tokens from tokenizer_config.json as newer checkpoints have them', async () => {
    const directory = copyFixture()
    rmSync(join(directory, 'added_tokens.json'))
    changeJson(directory, 'tokenizer_config.json', (config) => {
      config.added_tokens_decoder = { 420: { content: '<video>', special: true } }
    })
    expect((await open(directory)).encode('<video>', false)).toEqual([420])
  })

  it('is not looked at where there is a tokenizer.json', async () => {
    const directory = copyTinyCheckpoint('mean')
    writeFileSync(join(directory, 'tokenizer.model'), 'nothing of the kind')
    expect((await open(directory)).encode('<im_patch>', false)).toEqual([6])
  })

  it('does without tokenizer_config.json', async () => {
    const directory = copyFixture()
    rmSync(join(directory, 'tokenizer_config.json'))
    expect((await open(directory)).encode('the fox', true)[0]).toBe(1)
  })
})

describe('vocab.json with merges.txt', () => {
  const directory = fileURLToPath(new URL('../../fixtures/byte-level', import.meta.url))
  const { cases: texts } = JSON.parse(readFileSync(join(directory, 'reference.json'), 'utf8')) as {
    cases: Pick<ReferenceText, 'text' | 'transformers'>[]
  }

  it.each(texts)('gives the ids of Qwen2Tokenizer for $text', async ({ text, transformers }) => {
    const tokenizer = await open(directory)
    expect(tokenizer.encode(text, true)).toEqual(transformers)
    const special = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
    const words = special.reduce((left, one) => left.replaceAll(one, ''), text)
    // @huggingface/tokenizers decodes bytes with a TextDecoder that takes byte order marks away.
    expect(tokenizer.decode(transformers).replaceAll('\ufeff', '')).toBe(
      words.normalize('NFC').replaceAll('\ufeff', ''),
    )
  })

  it.each([
    ['of another class', { tokenizer_class: 'GPT2Tokenizer' }, {}, 'CHECKPOINT_UNSUPPORTED', /"GPT2Tokenizer"/],
    ['with a merge of three', {}, { 'merges.txt': '#version: 0.2\na b\na b c\n' }, 'CHECKPOINT_INVALID', /merge 2/],
    ['with ids that are none', {}, { 'vocab.json': '{"a":"b"}' }, 'CHECKPOINT_INVALID', /vocab\.json/],
    [
      'with a million merges',
      {},
      { 'merges.txt': 'a b\n'.repeat(1_000_000) },
      'CHECKPOINT_INVALID',
      /1000000 merges; at most/,
    ],
  ])('is refused %s', async (_, settings, files, code, message) => {
    const copy = temporaryFolder()
    cpSync(directory, copy, { recursive: true })
    changeJson(copy, 'tokenizer_config.json', (config) => {
      Object.assign(config, settings)
    })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(copy, file), text)
    await expect(readTokenizer(copy)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

describe('a hostile tokenizer', () => {
  it.each([
    ['is no protobuf', (bytes: Buffer) => bytes.fill(0xff), 'CHECKPOINT_INVALID', /no model of SentencePiece/],
    ['was cut', (bytes: Buffer) => bytes.subarray(0, 3001), 'CHECKPOINT_INVALID', /no model of SentencePiece/],
    ['is empty', () => Buffer.alloc(0), 'CHECKPOINT_INVALID', /holds 0 pieces/],
    [
      'has pieces and no settings, so it is Unigram',
      () => Buffer.from([0x0a, 3, 0x0a, 1, 0x61]),
      'CHECKPOINT_UNSUPPORTED',
      /takes BPE \(2\) with byte fallback/,
    ],
    ['has 33 MB', () => Buffer.alloc(33 * 1024 * 1024), 'CHECKPOINT_INVALID', /at most 33554432/],
    [
      'has half a million pieces',
      () => Buffer.concat(Array.from({ length: 500_000 }, () => Buffer.from([0x0a, 3, 0x0a, 1, 0x61]))),
      'CHECKPOINT_INVALID',
      /holds 500000 pieces/,
    ],
    [
      'has a piece of 5000 characters',
      (bytes: Buffer) =>
        Buffer.concat([bytes, Buffer.from([0x0a, 0x8b, 0x27, 0x0a, 0x88, 0x27]), Buffer.alloc(5000, 97)]),
      'CHECKPOINT_INVALID',
      /with 5000 characters/,
    ],
  ])('is refused when its tokenizer.model %s', async (_, change, code, message) => {
    const directory = copyFixture()
    const path = join(directory, 'tokenizer.model')
    writeFileSync(path, change(readFileSync(path)))
    await expect(readTokenizer(directory)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('is refused when its tokenizer.json has a million merges', async () => {
    const directory = copyTinyCheckpoint('mean')
    changeJson(directory, 'tokenizer.json', (json) => {
      ;(json.model as { merges: unknown }).merges = Array.from({ length: 1_000_000 }, () => 'a b')
    })
    await expect(readTokenizer(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('and 1000000 merges; at most 400000 and 800000 are allowed'),
    })
  })
})
