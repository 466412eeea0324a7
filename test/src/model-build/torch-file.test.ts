// .bin files: the ones that PyTorch writes are read in the parity tests of families; here are those that nobody should write.
import { existsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readStoredTensors } from '../../../src/model-build/stored-tensors.ts'
import { readTorchFile } from '../../../src/model-build/torch-file.ts'
import { storedWeight } from '../../../src/model-build/weight-source.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { pickleBytes, pickledText, writeTorchArchive } from '../../helpers/torch-file.ts'

const PROTOCOL_2 = '\u0002'
const BEGIN = [0x80, PROTOCOL_2] as const
const REBUILD = 'ctorch._utils\n_rebuild_tensor_v2\n'

/** A state dict with one tensor [2, 3] of float32 named weight; parts of its description can be lied about. */
function statePickle({
  type = 'FloatStorage',
  key = '0',
  elements = 6,
  first = 0,
  shape = [2, 3],
  strides = [3, 1],
}: {
  type?: string
  key?: string
  elements?: number
  first?: number
  shape?: readonly number[]
  strides?: readonly number[]
} = {}): Uint8Array {
  const storage = [
    '(',
    pickledText('storage'),
    `ctorch\n${type}\n`,
    pickledText(key),
    pickledText('cpu'),
    'K',
    elements,
    't',
  ]
  const counts = (values: readonly number[]) => ['(', ...values.flatMap((value) => ['K', value]), 't']
  const tensor = ['(', ...storage, 'Q', 'K', first, ...counts(shape), ...counts(strides), 0x89, '}', 't']
  return pickleBytes(...BEGIN, '}', '(', pickledText('weight'), REBUILD, ...tensor, 'R', 'u', '.')
}

const DATA = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)

function writeState(pickle: Uint8Array, data: Uint8Array = DATA): string {
  const path = join(temporaryFolder(), 'pytorch_model.bin')
  writeTorchArchive(path, { 'data.pkl': pickle, byteorder: Buffer.from('little'), 'data/0': data })
  return path
}

describe('a .bin file of weights', () => {
  it('tells where each tensor lies, and its values are read from there', async () => {
    const tensors = await readTorchFile(writeState(statePickle({ first: 2, shape: [2, 2], strides: [2, 1] })))
    const weight = tensors.get('weight')!
    expect(weight).toMatchObject({ dtype: 'F32', shape: [2, 2], bytes: 16 })
    const values: number[] = []
    for await (const piece of storedWeight(weight).chunks(1)) values.push(...piece)
    expect(values).toEqual([3, 4, 5, 6])
  })

  it('is taken where there are no safetensors, also in shards', async () => {
    const directory = temporaryFolder()
    writeTorchArchive(join(directory, 'pytorch_model-1.bin'), { 'data.pkl': statePickle(), 'data/0': DATA })
    const index = (shard: string) => JSON.stringify({ weight_map: { weight: shard } })
    writeFileSync(join(directory, 'pytorch_model.bin.index.json'), index('pytorch_model-1.bin'))
    expect([...(await readStoredTensors(directory)).keys()]).toEqual(['weight'])
    writeFileSync(join(directory, 'pytorch_model.bin.index.json'), index('../pytorch_model-1.bin'))
    await expect(readStoredTensors(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('a plain *.bin name is allowed'),
    })
  })
})

describe('a pickle that would do something', () => {
  const marker = (directory: string) => join(directory, 'it-ran')
  const touch = (path: string) => pickledText(`touch ${path}`)
  const CALLS: Record<string, (path: string) => Uint8Array> = {
    'calls os.system': (path) => pickleBytes(...BEGIN, 'cos\nsystem\n', touch(path), 0x85, 'R', '.'),
    'calls eval': (path) => pickleBytes(...BEGIN, 'c__builtin__\neval\n', touch(path), 0x85, 'R', '.'),
    'names a function by the newer operation': (path) =>
      pickleBytes(0x80, '\u0004', pickledText('posix'), pickledText('system'), 0x93, touch(path), 0x85, 'R', '.'),
    'makes an instance in the old way': (path) => pickleBytes(...BEGIN, '(', touch(path), 'ios\nsystem\n', '.'),
    'makes an object': (path) => pickleBytes(...BEGIN, '(', 'csubprocess\nPopen\n', touch(path), 'o', '.'),
    'makes a new object': (path) => pickleBytes(...BEGIN, 'cos\nsystem\n', touch(path), 0x85, 0x81, '.'),
    'uses the extension registry': () => pickleBytes(...BEGIN, 0x82, 1, '.'),
    'loads a nested torch file': (path) => pickleBytes(...BEGIN, 'ctorch\nload\n', touch(path), 0x85, 'R', '.'),
    'calls what it had built': () => pickleBytes(...BEGIN, '}', ')', 'R', '.'),
    'sets the state of a tensor type': () => pickleBytes(...BEGIN, 'ctorch\nFloatStorage\n', '}', 'b', '.'),
    'names a method as a module': () => pickleBytes(...BEGIN, 'c__proto__\nconstructor\n', '.'),
    'refers to an object outside': () => pickleBytes(...BEGIN, pickledText('/etc/passwd'), 'Q', '.'),
    'uses a protocol of the future': () => pickleBytes(0x80, 9, '}', '.'),
  }

  it.each(Object.keys(CALLS))('is refused when it %s, and nothing runs', async (name) => {
    const directory = temporaryFolder()
    const path = writeState(CALLS[name]!(marker(directory)))
    await expect(readTorchFile(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringMatching(/^The pickle in [^\n]+ Nothing of it was run; use a checkpoint in safetensors\.$/),
    })
    expect(existsSync(marker(directory))).toBe(false)
  })

  it.each([
    ['ends early', pickleBytes(...BEGIN, 'X\u0009')],
    ['takes what is not there', pickleBytes(...BEGIN, 0x85, '.')],
    ['recalls what was not stored', pickleBytes(...BEGIN, 'h', 3, '.')],
    ['ends a group that was not begun', pickleBytes(...BEGIN, 't', '.')],
    ['states a text of 4 GB', pickleBytes(...BEGIN, 'X', 0xff, 0xff, 0xff, 0xff)],
    ['states a number of 200 bytes', pickleBytes(...BEGIN, 0x8a, 200, 'x'.repeat(200), '.')],
    ['sets items of a number', pickleBytes(...BEGIN, 'K', 1, '(', 'K', 1, 'K', 2, 'u', '.')],
    ['holds a list', pickleBytes(...BEGIN, ']', '.')],
    ['holds a number by the name of a tensor', pickleBytes(...BEGIN, '}', pickledText('a'), 'K', 1, 's', '.')],
  ])('is refused when it %s', async (_, pickle) => {
    await expect(readTorchFile(writeState(pickle))).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  it('is refused when it nests tuples without end, without spelling them out', async () => {
    // Each tuple holds the one before twice: 2^60 values in 300 bytes.
    const doubled = Array.from({ length: 60 }, (_, index) => ['q', index, 'h', index, 0x86]).flat()
    const path = writeState(pickleBytes(...BEGIN, '}', ')', ...doubled, 'K', 1, 's', '.'))
    await expect(readTorchFile(path)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })
})

describe('a .bin file whose tensors do not lie where it says', () => {
  it.each([
    ['more elements than its storage', statePickle({ shape: [3, 3] }), /up to element 9 of a storage that states 6/],
    ['an offset behind its storage', statePickle({ first: 1 }), /up to element 7/],
    ['a storage larger than its entry', statePickle({ elements: 7 }), /has 24 bytes/],
    ['a storage that is not there', statePickle({ key: '1' }), /the storage "1", which is not there/],
    ['a storage by a path', statePickle({ key: '../data.pkl' }), /"..\/data.pkl", which is not there/],
    ['a transposed matrix', statePickle({ strides: [1, 2] }), /strides \[1, 2\]/],
    ['a view that repeats itself', statePickle({ shape: [9, 9], strides: [0, 0] }), /strides \[0, 0\]/],
    ['fewer strides than sizes', statePickle({ strides: [1] }), /strides \[1\]/],
  ])('is refused for %s', async (_, pickle, message) => {
    await expect(readTorchFile(writeState(pickle))).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  const entries = { 'data.pkl': statePickle(), 'data/0': DATA }

  it.each([
    ['compressed', { 'data/0': { method: 8 } }, /compressed or encrypted/],
    ['longer than the file', { 'data/0': { bytes: 4_000_000 } }, /up to byte/],
    ['beyond the file', { 'data/0': { localOffset: 9_999_999 } }, /up to byte/],
    ['where none begins', { 'data/0': { localOffset: 3 } }, /where no entry begins/],
    ['in the place of another', { 'data/0': { localOffset: 0 } }, /overlaps another entry/],
  ])('is refused for an entry %s', async (_, lies, message) => {
    const path = join(temporaryFolder(), 'pytorch_model.bin')
    writeTorchArchive(path, entries, lies)
    await expect(readTorchFile(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('is refused when it was cut, or has the high byte first', async () => {
    const path = writeState(statePickle())
    truncateSync(path, 300)
    await expect(readTorchFile(path)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    writeTorchArchive(path, { ...entries, byteorder: Buffer.from('big') })
    await expect(readTorchFile(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('high byte first'),
    })
  })

  it('is refused when it is a pickle without an archive, as PyTorch wrote before 1.6', async () => {
    const path = join(temporaryFolder(), 'pytorch_model.bin')
    writeFileSync(path, statePickle())
    await expect(readTorchFile(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('since PyTorch 1.6'),
    })
  })
})
