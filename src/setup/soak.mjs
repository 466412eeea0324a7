// `npm run soak`: what is missing, then many questions at once. Arguments go on to bench/soak/run-soak.ts.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'

await prepareOrExit({ build: false })
const script = projectPath('bench/soak/run-soak.ts')
process.exitCode = await runOnTerminal(['--import', 'tsx', script, ...process.argv.slice(2)])
