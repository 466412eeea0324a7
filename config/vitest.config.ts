// How the tests run. `npm test` sees to everything that they need and then runs them with this file.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { softwareGpuEnvironment } from '../src/setup/software-gpu.mjs'

/** Tests start workers and ffmpeg of their own; more files at once than this only makes them wait for each other. */
const FILES_AT_ONCE = 2
/** A deadlock limit, not a speed limit: a busy machine may be ten times slower than an idle one. */
const TEST_TIMEOUT_MS = 60_000
/** Tests of what happens on a GPU, real or in software; all others stay on the CPU wherever they run. */
const GPU_TESTS = 'test/**/*.gpu.test.ts'

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // Processes, not threads: a test file that ends takes its native sessions and worker threads with it.
    pool: 'forks',
    maxWorkers: FILES_AT_ONCE,
    testTimeout: TEST_TIMEOUT_MS,
    hookTimeout: TEST_TIMEOUT_MS,
    slowTestThreshold: 5_000,
    restoreMocks: true,
    unstubEnvs: true,
    // Ends with the counts of files and tests.
    reporters: ['default'],
    projects: [
      { extends: true, test: { name: 'cpu', include: ['test/**/*.test.ts'], exclude: [GPU_TESTS] } },
      { extends: true, test: { name: 'gpu', include: [GPU_TESTS], env: softwareGpuEnvironment() } },
    ],
  },
})
