// `npm test`: everything that is missing, ffmpeg and Redis too, then the whole test suite. Arguments go on to vitest.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'
import { ensureSoftwareGpu } from './software-gpu.mjs'

await prepareOrExit({ ffmpeg: true, redis: true })
await ensureSoftwareGpu()
process.exitCode = await runOnTerminal([
  projectPath('node_modules/vitest/vitest.mjs'),
  'run',
  '--config',
  projectPath('config/vitest.config.ts'),
  ...process.argv.slice(2),
])
