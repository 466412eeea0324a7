import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ModelPackage } from '../../../src/model-package/model-package.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { layoutTokensOf } from '../../../src/valley/placeholders.ts'
import { Tokenizer } from '../../../src/valley/tokenizer.ts'
import { referenceIds } from '../../helpers/open-tiny-model.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

let modelPackage: ModelPackage
let tokenizer: Tokenizer

beforeAll(async () => {
  modelPackage = await openPackage(await buildTinyPackage('mean'))
  tokenizer = await Tokenizer.open(modelPackage)
})

describe('Tokenizer', () => {
  it('encodes a prompt as the tokenizers library of Python does, placeholders included', () => {
    const text = `<s>A tiny random model answers at random.\n\n### Human: what moves first?\n<im_start>${'<im_patch>'.repeat(4)}<im_end><vi_start>${'<vi_frame>'.repeat(3)}<vi_end>\n### Assistant:`
    expect(tokenizer.encode(text, false)).toEqual(referenceIds('mean', 'token_ids'))
  })

  it.each(['the fox moves', ' two  spaces\nand a line', 'naïve 狐 🦊', ''])('gives back %j', (text) => {
    expect(tokenizer.decode(tokenizer.encode(text, false))).toBe(text)
  })

  it('leaves special tokens and ids beyond its vocabulary out of the text', () => {
    const { eos } = modelPackage.manifest.tokens
    const { patch } = layoutTokensOf(modelPackage.manifest)!
    const word = tokenizer.encode('fox', false)
    expect(tokenizer.decode([patch.id, ...word, 271_828, eos[0]!.id])).toBe('fox')
    expect(tokenizer.decode([271_828])).toBe('')
    expect(tokenizer.decode([])).toBe('')
  })

  it('knows the texts of all special tokens', () => {
    const { bos, eos } = modelPackage.manifest.tokens
    const layout = Object.values(layoutTokensOf(modelPackage.manifest)!)
    const texts = [bos!, ...eos, ...layout].map(({ text }) => text)
    expect(tokenizer.specialTexts).toEqual(expect.arrayContaining(texts))
  })

  it('refuses a manifest whose special token has another id', async () => {
    const { manifest } = modelPackage
    const known = layoutTokensOf(manifest)!.patch
    const patch = { ...known, id: known.id + 1 }
    const wrong = { ...modelPackage, manifest: { ...manifest, tokens: { ...manifest.tokens, patch } } }
    await expect(Tokenizer.open(wrong)).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT' })
  })
})

describe('Tokenizer.open', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'valley-tokenizer-'))
    await cp(modelPackage.directory, folder, { recursive: true })
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.each(['{', '[]', '{"model": {"type": "none"}}'])('refuses a tokenizer file that reads %s', async (text) => {
    await writeFile(join(folder, modelPackage.manifest.tokenizer.file), text)
    const broken = { ...modelPackage, pathOf: (file: string) => join(folder, file) }
    await expect(Tokenizer.open(broken)).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT' })
  })
})
