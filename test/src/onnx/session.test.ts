import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OnnxSession } from '../../../src/onnx/session.ts'
import { float32Tensor, int64Tensor } from '../../../src/onnx/tensor.ts'
import { tinyReference } from '../../helpers/reference-tensors.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

let folder: string
let packageFolder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'valley-session-'))
  packageFolder = await buildTinyPackage('mean')
})
afterAll(() => rm(folder, { recursive: true }))

describe('OnnxSession', () => {
  it('runs a graph on named tensors', async () => {
    const session = await OnnxSession.open(join(packageFolder, 'embed-tokens.onnx'), { intraOpThreads: 1 })
    const { token_ids, embeddings } = tinyReference('mean')
    const outputs = await session.run({ token_ids: int64Tensor([...token_ids!.values], token_ids!.shape) })
    expect(outputs.embeddings!.dims).toEqual(embeddings!.shape)
    expect(outputs.embeddings!.data).toEqual(embeddings!.values)
    await session.dispose()
  })

  it('says with the cause why an input is refused', async () => {
    const session = await OnnxSession.open(join(packageFolder, 'embed-tokens.onnx'))
    const run = session.run({ token_ids: float32Tensor(new Float32Array(1), [1]) })
    await expect(run).rejects.toMatchObject({ code: 'INFERENCE_FAILED', cause: expect.any(Error) })
    await expect(session.run({})).rejects.toMatchObject({ code: 'INFERENCE_FAILED' })
    await session.dispose()
  })

  it('fails after it was disposed, and may be disposed twice', async () => {
    const session = await OnnxSession.open(join(packageFolder, 'embed-tokens.onnx'))
    await session.dispose()
    await session.dispose()
    const run = session.run({ token_ids: int64Tensor([1], [1]) })
    await expect(run).rejects.toMatchObject({ code: 'INFERENCE_FAILED' })
  })

  it.each([
    ['that is no ONNX', Buffer.from('not a graph')],
    ['that is empty', Buffer.alloc(0)],
  ])('refuses a file %s in one line that names it', async (_, bytes) => {
    const path = join(folder, 'decoder.onnx')
    await writeFile(path, bytes)
    const open = OnnxSession.open(path)
    await expect(open).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT', cause: expect.any(Error) })
    await expect(open).rejects.toThrow(/^Cannot open the graph decoder\.onnx: [^\n]+$/)
  })

  it('refuses a file that is not there', async () => {
    await expect(OnnxSession.open(join(folder, 'absent.onnx'))).rejects.toMatchObject({ code: 'PACKAGE_CORRUPT' })
  })
})
