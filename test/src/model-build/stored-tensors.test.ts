import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSafetensorsHeader } from '../../../src/model-build/safetensors-header.ts'
import { readStoredTensors } from '../../../src/model-build/stored-tensors.ts'
import { storedWeight } from '../../../src/model-build/weight-source.ts'
import { writeRawSafetensors, writeSafetensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const ENTRY = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }

describe('readSafetensorsHeader', () => {
  it('finds each tensor with its place in the file', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeSafetensors(path, { a: { shape: [2], values: [1, 2] }, b: { shape: [1, 3], values: [3, 4, 5] } })
    const tensors = await readSafetensorsHeader(path)
    expect([...tensors.keys()]).toEqual(['a', 'b'])
    const { offset } = tensors.get('a')!
    expect(tensors.get('b')).toMatchObject({ dtype: 'F32', shape: [1, 3], bytes: 12, offset: offset + 8 })
  })

  it('leaves metadata aside and takes an empty tensor', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    const empty = { dtype: 'F32', shape: [0, 4], data_offsets: [0, 0] }
    writeRawSafetensors(path, { __metadata__: { format: 'pt' }, empty, full: ENTRY }, new Uint8Array(8))
    expect([...(await readSafetensorsHeader(path)).keys()]).toEqual(['empty', 'full'])
  })

  it.each([
    ['a header that is no JSON', '{"a":', 8, /not JSON/],
    ['a header that is a list', '[]', 0, /not a JSON object/],
    ['an entry that is no object', { a: 7 }, 8, /"a" without dtype/],
    ['an unknown dtype', { a: { ...ENTRY, dtype: 'F13' } }, 8, /"a" with the dtype "F13"/],
    ['a dtype named like a method', { a: { ...ENTRY, dtype: 'constructor' } }, 8, /dtype "constructor"/],
    ['a negative size', { a: { ...ENTRY, shape: [-2] } }, 8, /"a" with the shape \[-2\]/],
    ['a size that is no whole number', { a: { ...ENTRY, shape: [1.5] } }, 8, /"a" with the shape/],
    ['a size beyond exact numbers', { a: { ...ENTRY, shape: [2 ** 60] } }, 8, /"a" with the shape/],
    ['more dimensions than any weight has', { a: { ...ENTRY, shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] } }, 8, /shape/],
    ['a product of sizes that overflows', { a: { ...ENTRY, shape: [2 ** 40, 2 ** 40] } }, 8, /needs/],
    ['bytes that do not fit the shape', { a: { ...ENTRY, shape: [3] } }, 8, /"a" with 8 bytes.*needs 12/],
    ['offsets beyond the file', { a: { dtype: 'F32', shape: [4], data_offsets: [0, 16] } }, 8, /"a" up to byte/],
    ['offsets in the wrong order', { a: { ...ENTRY, data_offsets: [8, 0] } }, 8, /"a" with -8 bytes/],
    ['three offsets', { a: { ...ENTRY, data_offsets: [0, 8, 8] } }, 8, /"a" with data_offsets/],
    [
      'tensors that overlap',
      { a: ENTRY, b: { ...ENTRY, data_offsets: [4, 12] } },
      12,
      /"b" at byte \d+, which overlaps/,
    ],
    [
      'a gap between tensors',
      { a: ENTRY, b: { ...ENTRY, data_offsets: [12, 20] } },
      20,
      /"b" at byte \d+, which leaves a gap/,
    ],
    ['bytes behind the last tensor', { a: ENTRY }, 9, /last tensor ends after/],
  ])('refuses %s', async (_, header, dataBytes, message) => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeRawSafetensors(path, header, new Uint8Array(dataBytes))
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['over 100 MB', 100_000_001n, /at most 100000000/],
    ['of 4 GB', 4_000_000_000n, /at most 100000000/],
    ['of 2^63 bytes', 2n ** 63n, /at most 100000000/],
    ['longer than the file', 5000n, /the file ends after/],
  ])('refuses a header stated %s without reading it', async (_, headerBytes, message) => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeRawSafetensors(path, { a: ENTRY }, new Uint8Array(8), headerBytes)
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('refuses a file too short for a header', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeFileSync(path, 'abc')
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
  })

  it('takes a tensor named __proto__ for a tensor', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeRawSafetensors(path, `{"__proto__": ${JSON.stringify(ENTRY)}}`, new Uint8Array(8))
    expect([...(await readSafetensorsHeader(path)).keys()]).toEqual(['__proto__'])
  })
})

describe('readStoredTensors', () => {
  const index = (weightMap: unknown) => JSON.stringify({ weight_map: weightMap })

  it('gathers the tensors of all shards', async () => {
    const directory = temporaryFolder()
    writeSafetensors(join(directory, 'one.safetensors'), { a: { shape: [2], values: [1, 2] } })
    writeSafetensors(join(directory, 'two.safetensors'), { b: { shape: [1], values: [3] } })
    writeFileSync(
      join(directory, 'model.safetensors.index.json'),
      index({ a: 'one.safetensors', b: 'two.safetensors' }),
    )
    const tensors = await readStoredTensors(directory)
    expect([...tensors].map(([name, { path }]) => [name, path])).toEqual([
      ['a', join(directory, 'one.safetensors')],
      ['b', join(directory, 'two.safetensors')],
    ])
  })

  it.each([
    ['a shard outside the folder', index({ a: '../one.safetensors' }), /"..\/one.safetensors"/],
    ['a shard with an absolute path', index({ a: '/etc/one.safetensors' }), /"\/etc\/one.safetensors"/],
    ['a shard that is no safetensors file', index({ a: 'one.bin' }), /"one.bin"/],
    ['a tensor that its shard does not hold', index({ b: 'one.safetensors' }), /"b", which is not in it/],
    ['a shard that is missing', index({ a: 'two.safetensors' }), /two.safetensors cannot be opened/],
    ['an index without a map', '{}', /no weight_map/],
    ['an index that is no JSON', '{', /not JSON/],
  ])('refuses %s', async (_, text, message) => {
    const directory = temporaryFolder()
    writeSafetensors(join(directory, 'one.safetensors'), { a: { shape: [2], values: [1, 2] } })
    writeFileSync(join(directory, 'model.safetensors.index.json'), text)
    await expect(readStoredTensors(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['model-00001.safetensors', 'model.safetensors.index.json'],
    ['pytorch_model-00001.bin', 'pytorch_model.bin.index.json'],
  ])('says of a shard %s that Git LFS did not fetch how to fetch it', async (shard, indexFile) => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, shard), 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 49\n')
    writeFileSync(join(directory, indexFile), index({ a: shard }))
    await expect(readStoredTensors(directory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/00001\.\w+ is a pointer of Git LFS/),
    })
  })

  it('says what to do when a folder holds other weights', async () => {
    await expect(readStoredTensors(temporaryFolder())).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('model.safetensors, model.safetensors.index.json, pytorch_model.bin'),
    })
  })
})

describe('storedWeight', () => {
  const read = async (path: string, name: string) => {
    const values: number[] = []
    for await (const piece of storedWeight((await readSafetensorsHeader(path)).get(name)!).chunks(1))
      values.push(...piece)
    return values
  }

  it('reads F32, F16 and BF16 exactly', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    // IEEE 754: 1, -2, 0.5 and the smallest subnormal in half; 1, -2, 3.140625 (0x4049) and 2^-126 in bfloat16.
    const half = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x0001).buffer)
    const brain = new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0x4049, 0x0080).buffer)
    const full = new Uint8Array(Float32Array.of(1, -2, 0.1).buffer)
    const header = {
      half: { dtype: 'F16', shape: [4], data_offsets: [0, 8] },
      brain: { dtype: 'BF16', shape: [2, 2], data_offsets: [8, 16] },
      full: { dtype: 'F32', shape: [3], data_offsets: [16, 28] },
    }
    writeRawSafetensors(path, header, Buffer.concat([half, brain, full]))
    expect(await read(path, 'half')).toEqual([1, -2, 0.5, 2 ** -24])
    expect(await read(path, 'brain')).toEqual([1, -2, 3.140625, 2 ** -126])
    expect(await read(path, 'full')).toEqual([1, -2, Math.fround(0.1)])
  })

  it('refuses a dtype that weights are not kept in', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeRawSafetensors(path, { a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8))
    await expect(read(path, 'a')).rejects.toMatchObject({ code: 'CHECKPOINT_UNSUPPORTED' })
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses the value %s, naming tensor and element', async (value) => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeSafetensors(path, { a: { shape: [3], values: [1, value, 3] } })
    await expect(read(path, 'a')).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining(`Tensor a holds ${value} at element 1`),
    })
  })

  // IEEE 754: an exponent of ones alone is no number; one less is the largest that there is.
  it.each([
    ['F16', 0x7bff, 0x7c00],
    ['F16', 0xfbff, 0xfe01],
    ['BF16', 0x7f7f, 0x7f80],
    ['BF16', 0xff7f, 0xffc1],
  ])('takes the largest number of %s and refuses what comes after it', async (dtype, largest, notFinite) => {
    const path = join(temporaryFolder(), 'a.safetensors')
    const bytes = new Uint8Array(Uint16Array.of(0, largest, notFinite).buffer)
    const header = {
      good: { dtype, shape: [2], data_offsets: [0, 4] },
      bad: { dtype, shape: [1], data_offsets: [4, 6] },
    }
    writeRawSafetensors(path, header, bytes)
    expect((await read(path, 'good')).every(Number.isFinite)).toBe(true)
    await expect(read(path, 'bad')).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/^Tensor bad holds (Infinity|NaN) at element 0/),
    })
  })

  it('reads every number of BF16 as it is, also the last of an odd count, and misses none that is not finite', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    // 2^k is the exponent k + 127 in the seven bits behind the sign's, all else zero.
    const halves = Uint16Array.from({ length: 7 }, (_, index) => ((index - 3 + 127) << 7) | ((index % 2) << 15))
    const header = { a: { dtype: 'BF16', shape: [7], data_offsets: [0, 14] } }
    writeRawSafetensors(path, header, new Uint8Array(halves.buffer))
    expect(await read(path, 'a')).toEqual([1 / 8, -1 / 4, 1 / 2, -1, 2, -4, 8])
    for (const place of halves.keys()) {
      const broken = halves.with(place, 0xff80)
      writeRawSafetensors(path, header, new Uint8Array(broken.buffer as ArrayBuffer))
      await expect(read(path, 'a')).rejects.toThrow(`Tensor a holds -Infinity at element ${place};`)
    }
  })

  it('notices a file that was cut after its header was read', async () => {
    const path = join(temporaryFolder(), 'a.safetensors')
    writeSafetensors(path, { a: { shape: [3], values: [1, 2, 3] } })
    const source = storedWeight((await readSafetensorsHeader(path)).get('a')!)
    truncateSync(path, 70)
    await expect(source.chunks(1).next()).rejects.toMatchObject({ code: 'CHECKPOINT_INVALID' })
    rmSync(path)
  })
})
