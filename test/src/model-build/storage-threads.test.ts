// Weights that several threads make: the same bytes, the same errors, and no thread left behind.
import { readdirSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addRows } from '../../../src/model-build/add-base.ts'
import { type BuildOptions, buildPackage } from '../../../src/model-build/build-package.ts'
import { layOutWeights, writeWeights } from '../../../src/model-build/external-data.ts'
import { quantiseMatrix } from '../../../src/model-build/quantise.ts'
import { quantiseColumns } from '../../../src/model-build/quantise-columns.ts'
import { readSafetensorsHeader } from '../../../src/model-build/safetensors-header.ts'
import { StorageThreads } from '../../../src/model-build/storage-threads.ts'
import { storeFloat16, storeFloat32 } from '../../../src/model-build/store-float.ts'
import type { StoredWeight } from '../../../src/model-build/stored-weight.ts'
import { scaledRows, stackRows, storedWeight, type WeightSource } from '../../../src/model-build/weight-source.ts'
import { familyCheckpoint } from '../../helpers/family-checkpoint.ts'
import { leaveNoRoom } from '../../helpers/no-room.ts'
import { writeRawSafetensors } from '../../helpers/safetensors-file.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

let threads: StorageThreads
beforeAll(() => {
  threads = new StorageThreads(2)
})
afterAll(() => threads.close())

/** 1024 of them are what a thread takes at once. */
const INPUTS = 1024

/** Matrices that are cut into several parts, at rows where what they are made of begins and ends too. */
async function matrices(path: string): Promise<Record<string, WeightSource>> {
  const shapes = { upper: [1100, INPUTS], lower: [700, INPUTS], base: [1050, INPUTS], factors: [1100] }
  const header: Record<string, object> = {}
  let end = 0
  for (const [name, shape] of Object.entries(shapes)) {
    const begin = end
    end += shape.reduce((product, size) => product * size, 2)
    header[name] = { dtype: 'BF16', shape, data_offsets: [begin, end] }
  }
  const data = Buffer.alloc(end)
  let state = 1
  // Signs and mantissas at random, exponents that half precision has.
  for (let at = 0; at < end; at += 2) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data.writeUInt16LE(((state >>> 16) & 0x83ff) | 0x3c00, at)
  }
  writeRawSafetensors(path, header, data)
  const tensors = await readSafetensorsHeader(path)
  const weight = (name: string) => storedWeight(tensors.get(name)!)
  return {
    stacked: stackRows('stacked', [weight('lower'), weight('upper')]),
    scaled: scaledRows(weight('upper'), weight('factors')),
    sum: addRows(weight('upper'), weight('base')),
  }
}

function storedAs(format: string, source: WeightSource): StoredWeight[] {
  if (format === 'float32') return [storeFloat32(source)]
  if (format === 'float16') return [storeFloat16(source)]
  const { quanta, scales } =
    format === 'w8a8' ? quantiseColumns(source) : quantiseMatrix(source, format === 'int8' ? 8 : 4)
  return [quanta, scales]
}

describe('threads that make weights', () => {
  it('give in every format, in parts, the bytes that one thread gives at once', async () => {
    const directory = temporaryFolder()
    const sources = await matrices(join(directory, 'model.safetensors'))
    const stored = [
      ...['float32', 'float16', 'int8', 'w8a8'].flatMap((format) => storedAs(format, sources.stacked!)),
      ...Object.values(sources).flatMap((source) => storedAs('int4', source)),
    ]
    const layout = layOutWeights(stored)
    const alone = await writeWeights(join(directory, 'alone'), layout, () => {})
    expect(await writeWeights(join(directory, 'together'), layout, () => {}, undefined, threads)).toBe(alone)
  })

  it('tell of the first weight that is wrong, whichever of them met its own first', async () => {
    const path = join(temporaryFolder(), 'model.safetensors')
    const values = new Float32Array(3000 * INPUTS)
    values[2999 * INPUTS + 7] = Number.NaN
    const header = {
      late: { dtype: 'F32', shape: [2999, INPUTS], data_offsets: [0, 2999 * INPUTS * 4] },
      early: { dtype: 'F32', shape: [1, INPUTS], data_offsets: [2999 * INPUTS * 4, 3000 * INPUTS * 4] },
    }
    values[2998 * INPUTS + 5] = Number.POSITIVE_INFINITY
    writeRawSafetensors(path, header, new Uint8Array(values.buffer))
    const tensors = await readSafetensorsHeader(path)
    const stored = ['late', 'early'].flatMap((name) => storedAs('int4', storedWeight(tensors.get(name)!)))
    const written = writeWeights(`${path}.data`, layOutWeights(stored), () => {}, undefined, threads)
    await expect(written).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining(`Tensor late holds Infinity at element ${2998 * INPUTS + 5};`),
    })
  })

  it.each([
    ['is cut', (path: string) => truncateSync(path, 6_000_000), /ended while tensor a was read/],
    ['vanishes', (path: string) => rmSync(path), /could not be read for tensor a \(ENOENT\)/],
  ])('tell which file it was that %s while they read it', async (_, change, message) => {
    const path = join(temporaryFolder(), 'model.safetensors')
    const header = { a: { dtype: 'BF16', shape: [3000, INPUTS], data_offsets: [0, 3000 * INPUTS * 2] } }
    writeRawSafetensors(path, header, new Uint8Array(3000 * INPUTS * 2))
    const stored = storedAs('int8', storedWeight((await readSafetensorsHeader(path)).get('a')!))
    change(path)
    const written = writeWeights(`${path}.data`, layOutWeights(stored), () => {}, undefined, threads)
    await expect(written).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(message),
    })
  })

  it('fail what they are asked for once they are gone', async () => {
    const gone = new StorageThreads(1)
    const waiting = gone.run(storeFloat32(storedWeight(await anyTensor())).pass!)
    const failed = expect(waiting).rejects.toThrow(/a thread that makes weights ended/)
    await gone.close()
    await failed
    await expect(gone.run(storeFloat32(storedWeight(await anyTensor())).pass!)).rejects.toThrow(/ended with status/)
  })
})

describe('a build by several threads', () => {
  const build = (options: Partial<BuildOptions> & Pick<BuildOptions, 'outputDirectory'>) =>
    buildPackage({ checkpointDirectory: familyCheckpoint('internvl'), precision: 'int4', threads: 2, ...options })

  it('is the package that one thread builds, byte for byte', async () => {
    const directory = temporaryFolder()
    const together = await build({ outputDirectory: join(directory, 'together') })
    expect(together).toEqual(await build({ outputDirectory: join(directory, 'alone'), threads: 1 }))
    expect(Object.keys(together.files)).toContain('prefill.data')
  })

  it('leaves no thread and no file when it is stopped', async () => {
    const parent = temporaryFolder()
    const before = threadsNow()
    const controller = new AbortController()
    const stopped = build({
      outputDirectory: join(parent, 'stopped'),
      onProgress: () => controller.abort(new Error('stopped by hand')),
      signal: controller.signal,
    })
    await expect(stopped).rejects.toThrow('stopped by hand')
    expect(readdirSync(parent)).toEqual([])
    expect(threadsNow()).toBe(before)
  })

  it('says that the disk is full, and leaves the package that was there', async () => {
    const outputDirectory = join(temporaryFolder(), 'package')
    const manifest = await build({ outputDirectory, threads: 1 })
    const before = threadsNow()
    const giveBack = leaveNoRoom()
    const full = await build({ outputDirectory }).catch((error: unknown) => error)
    giveBack()
    expect(full).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/package cannot be written further \(EFBIG\).*make room.*run it again\.$/),
    })
    expect(threadsNow()).toBe(before)
    expect(readdirSync(outputDirectory).sort()).toEqual([...Object.keys(manifest.files), 'manifest.json'].sort())
    expect(readdirSync(join(outputDirectory, '..'))).toEqual(['package'])
  })
})

async function anyTensor() {
  const path = join(temporaryFolder(), 'a.safetensors')
  writeRawSafetensors(path, { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4))
  return (await readSafetensorsHeader(path)).get('a')!
}

/** Threads of this process, Node's own among them (Linux only). */
function threadsNow(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
}
