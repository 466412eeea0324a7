import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type BuildProgress, buildPackage } from '../../../src/model-build/build-package.ts'
import { decodeModel } from '../../../src/model-build/onnx-proto.ts'
import { openPackage } from '../../../src/model-package/open-package.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'
import { changeJson, changeWeights, copyTinyCheckpoint, shardTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts'
import { buildTinyPackage, tinyCheckpoint } from '../../helpers/tiny-package.ts'

const build = (checkpointDirectory: string, outputDirectory: string) =>
  buildPackage({ checkpointDirectory, outputDirectory, precision: 'fp32' })

describe('buildPackage', () => {
  it('writes a package that opens, with every file hashed', async () => {
    const directory = await buildTinyPackage('transformer')
    const { manifest, pathOf } = await openPackage(directory)
    expect(manifest).toMatchObject({
      name: 'tiny-transformer',
      precision: 'fp32',
      vision: { imagePixels: 24, patchPixels: 8, width: 32, layers: 1, heads: 2, patches: 9 },
      language: { width: 64, layers: 2, heads: 4, keyValueHeads: 2, headWidth: 16, vocabulary: 272, context: 256 },
      pooling: 'transformer',
      maxFrames: 20,
      graphs: { pooling: 'pooling.onnx' },
    })
    expect(readdirSync(directory).sort()).toEqual([...Object.keys(manifest.files), 'manifest.json'].sort())
    for (const [file, { sha256 }] of Object.entries(manifest.files)) {
      expect(
        createHash('sha256')
          .update(readFileSync(pathOf(file)))
          .digest('hex'),
      ).toBe(sha256)
    }
  })

  it('starts every weight at a page, inside its data file, and none overlaps another', async () => {
    const directory = await buildTinyPackage('importance', 'int4')
    const files = { 'weights.data': new Map<number, number>(), 'prefill.data': new Map<number, number>() }
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.onnx'))) {
      for (const { externalData } of decodeModel(readFileSync(join(directory, file))).graph.initializer) {
        const place = Object.fromEntries((externalData ?? []).map(({ key, value }) => [key, value]))
        if (place.location === undefined) continue
        expect(Object.keys(files)).toContain(place.location)
        files[place.location as keyof typeof files].set(Number(place.offset), Number(place.length))
      }
    }
    for (const [file, places] of Object.entries(files)) {
      expect(places.size).toBeGreaterThan(5)
      let end = 0
      for (const [offset, length] of [...places].sort(([a], [b]) => a - b)) {
        expect(offset % 4096).toBe(0)
        expect(offset).toBeGreaterThanOrEqual(end)
        end = offset + length
      }
      expect(end).toBe(statSync(join(directory, file)).size)
    }
  })

  it('stores the table of a tied model once', async () => {
    const directory = await buildTinyPackage('mean')
    const offsetOfTable = (file: string) =>
      decodeModel(readFileSync(join(directory, file)))
        .graph.initializer.find(({ dims }) => dims.join() === '272,48')
        ?.externalData?.find(({ key }) => key === 'offset')?.value
    expect(offsetOfTable('decoder.onnx')).toBeDefined()
    expect(offsetOfTable('decoder.onnx')).toBe(offsetOfTable('embed-tokens.onnx'))
  })

  it('gives the same bytes each time', async () => {
    const again = join(temporaryFolder(), 'again')
    const manifest = await build(tinyCheckpoint('mean'), again)
    expect((await openPackage(await buildTinyPackage('mean'))).manifest).toEqual(manifest)
  })

  it('takes a sharded checkpoint for the same as a whole one', async () => {
    const directory = copyTinyCheckpoint('mean')
    shardTinyCheckpoint(directory, 'mean')
    const manifest = await build(directory, join(temporaryFolder(), 'out'))
    expect((await openPackage(await buildTinyPackage('mean'))).manifest).toEqual(manifest)
  })

  it('reports rising bytes and the seconds left by the speed so far', async () => {
    const seen: BuildProgress[] = []
    let clock = 0
    await buildPackage({
      checkpointDirectory: tinyCheckpoint('mean'),
      outputDirectory: join(temporaryFolder(), 'out'),
      precision: 'fp32',
      onProgress: (progress) => seen.push(progress),
      now: () => 1000 * clock++,
    })
    const first = seen[0]!
    expect(first.secondsLeft).toBeCloseTo((first.bytesTotal - first.bytesDone) / first.bytesDone, 6)
    expect(seen.at(-1)).toEqual({ bytesDone: first.bytesTotal, bytesTotal: first.bytesTotal, secondsLeft: 0 })
    expect(seen.every(({ bytesDone }, index) => index === 0 || bytesDone > seen[index - 1]!.bytesDone)).toBe(true)
  })

  it('replaces a package, an empty folder, and makes missing parents', async () => {
    const outputDirectory = join(temporaryFolder(), 'deep', 'out')
    mkdirSync(outputDirectory, { recursive: true })
    await build(tinyCheckpoint('mean'), outputDirectory)
    await build(tinyCheckpoint('importance'), outputDirectory)
    expect((await openPackage(outputDirectory)).manifest.name).toBe('tiny-importance')
    expect(readdirSync(dirname(outputDirectory))).toEqual(['out'])
  })

  it('keeps what lies beside the package in its folder, and drops graphs that the new one does not have', async () => {
    const outputDirectory = join(temporaryFolder(), 'out')
    await build(tinyCheckpoint('importance'), outputDirectory)
    mkdirSync(join(outputDirectory, 'demo'))
    writeFileSync(join(outputDirectory, 'demo', 'clip.mp4'), 'frames')
    await build(tinyCheckpoint('mean'), outputDirectory)
    expect(readFileSync(join(outputDirectory, 'demo', 'clip.mp4'), 'utf8')).toBe('frames')
    const { manifest } = await openPackage(outputDirectory)
    expect(readdirSync(outputDirectory).sort()).toEqual(
      [...Object.keys(manifest.files), 'demo', 'manifest.json'].sort(),
    )
    expect(readdirSync(dirname(outputDirectory))).toEqual(['out'])
  })

  it('refuses a folder that holds something else, and leaves it alone', async () => {
    const outputDirectory = temporaryFolder()
    writeFileSync(join(outputDirectory, 'thesis.txt'), 'years of work')
    await expect(build(tinyCheckpoint('mean'), outputDirectory)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('holds 1 file(s) and no manifest.json'),
    })
    expect(readdirSync(outputDirectory)).toEqual(['thesis.txt'])
  })

  it('refuses an output that is a file', async () => {
    const file = join(temporaryFolder(), 'out')
    writeFileSync(file, '')
    await expect(build(tinyCheckpoint('mean'), file)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('leaves nothing behind, and the old package in place, when it fails half-way', async () => {
    const outputDirectory = join(temporaryFolder(), 'out')
    await build(tinyCheckpoint('mean'), outputDirectory)
    const broken = copyTinyCheckpoint('importance')
    changeWeights(broken, 'importance', (tensors) => {
      ;(tensors['lm_head.weight']!.values as Float32Array)[7] = Number.NaN
    })
    await expect(build(broken, outputDirectory)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringContaining('lm_head.weight'),
    })
    expect(readdirSync(dirname(outputDirectory))).toEqual(['out'])
    expect((await openPackage(outputDirectory)).manifest.name).toBe('tiny-mean')
  })

  it('stops with the reason when it is aborted, and leaves nothing behind', async () => {
    const parent = temporaryFolder()
    const controller = new AbortController()
    const promise = buildPackage({
      checkpointDirectory: tinyCheckpoint('mean'),
      outputDirectory: join(parent, 'out'),
      precision: 'fp32',
      onProgress: () => controller.abort(new Error('stopped by hand')),
      signal: controller.signal,
    })
    await expect(promise).rejects.toThrow('stopped by hand')
    expect(readdirSync(parent)).toEqual([])
  })

  it('refuses weights beyond float16 for fp16, naming the tensor', async () => {
    const checkpointDirectory = copyTinyCheckpoint('mean')
    changeWeights(checkpointDirectory, 'mean', (tensors) => {
      ;(tensors['model.mm_projector.weight']!.values as Float32Array)[0] = 70_000
    })
    const outputDirectory = join(temporaryFolder(), 'out')
    await expect(buildPackage({ checkpointDirectory, outputDirectory, precision: 'fp16' })).rejects.toMatchObject({
      code: 'CHECKPOINT_UNSUPPORTED',
      message: expect.stringContaining('model.mm_projector.weight holds 70000'),
    })
  })

  it('refuses a default number of frames that the model cannot take', async () => {
    const directory = copyTinyCheckpoint('transformer')
    changeJson(directory, 'valley_config.json', (json) => {
      json.frames = { mode: 'uniform', count: 25 }
      delete json.maxFrames
    })
    // The position table of this checkpoint has 24 rows.
    await expect(build(directory, join(temporaryFolder(), 'out'))).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/samples 25 frames.*24 are the most/),
    })
  })

  it('counts the words of frame times among what a clip costs, and keeps the setting', async () => {
    const most = async (frameTimes: string) => {
      const directory = copyTinyCheckpoint('mean')
      changeJson(directory, 'valley_config.json', (json) => {
        delete json.maxFrames
        json.prompt = { ...(json.prompt as object), frameTimes }
      })
      const output = join(temporaryFolder(), 'out')
      await build(directory, output)
      const manifest = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'))
      expect(manifest.prompt.frameTimes).toBe(frameTimes)
      return manifest.maxFrames
    }
    // Half of what a context of 256 leaves beside 4 patches and 4 marks; a time such as 12.4 takes four tokens more.
    expect(await most('none')).toBe(124)
    expect(await most('tenths')).toBe(24)
  })
})
