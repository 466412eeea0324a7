// `npm run test:cluster`: Redis where it is missing, then the long run of bots and engines. Arguments go on to it.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'

await prepareOrExit({ redis: true, build: false })
process.exitCode = await runOnTerminal([
  '--import',
  'tsx',
  projectPath('test/cluster/run.ts'),
  ...process.argv.slice(2),
])
