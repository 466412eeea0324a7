import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { AppError } from '../../../src/errors.ts'

it('has a default for everything', () => {
  expect(loadConfig({})).toEqual({
    modelDirectory: null,
    modelsDirectory: resolve('models'),
    ffmpegPath: null,
    ffprobePath: null,
    searchPath: null,
    logLevel: 'warn',
    threads: null,
  })
})

it('takes an empty variable as one that is not set', () => {
  expect(loadConfig({ VALLEY_THREADS: '', VALLEY_LOG_LEVEL: '', VALLEY_MODEL: '' })).toEqual(loadConfig({}))
})

it('reads every variable, with paths made absolute', () => {
  const config = loadConfig({
    VALLEY_MODEL: './my-model',
    VALLEY_MODELS_DIR: 'elsewhere',
    FFMPEG_PATH: process.execPath,
    FFPROBE_PATH: process.execPath,
    VALLEY_LOG_LEVEL: 'debug',
    PATH: '/usr/bin:.::bin:/bin',
    VALLEY_THREADS: '3',
  })
  expect(config).toEqual({
    modelDirectory: resolve('my-model'),
    modelsDirectory: resolve('elsewhere'),
    ffmpegPath: process.execPath,
    ffprobePath: process.execPath,
    searchPath: '/usr/bin:/bin',
    logLevel: 'debug',
    threads: 3,
  })
})

it('cannot be changed afterwards', () => {
  const config = loadConfig({})
  expect(() => Object.assign(config, { threads: 4 })).toThrow(TypeError)
})

it('names all problems at once, in one line', () => {
  const load = () => loadConfig({ VALLEY_THREADS: '0', VALLEY_LOG_LEVEL: 'loud', FFMPEG_PATH: '/nowhere/ffmpeg' })
  expect(load).toThrow(AppError)
  try {
    load()
  } catch (error) {
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { problems: 3 } })
    const { message } = error as AppError
    for (const part of ['VALLEY_THREADS="0"', 'VALLEY_LOG_LEVEL="loud"', 'FFMPEG_PATH="/nowhere/ffmpeg"', 'silent']) {
      expect(message).toContain(part)
    }
    expect(message).not.toContain('\n')
  }
})
