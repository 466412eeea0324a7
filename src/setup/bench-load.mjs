// `npm run bench:load`: what is missing, then the measurements. Arguments go on to bench/load/run-load.ts.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'

await prepareOrExit({ build: true })
process.exitCode = await runOnTerminal([
  '--import',
  'tsx',
  projectPath('bench/load/run-load.ts'),
  ...process.argv.slice(2),
])
