// `npm run bench`: what is missing, then the measurements. Arguments go on to bench/bench.ts.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'

await prepareOrExit({ build: false })
process.exitCode = await runOnTerminal(['--import', 'tsx', projectPath('bench/bench.ts'), ...process.argv.slice(2)])
