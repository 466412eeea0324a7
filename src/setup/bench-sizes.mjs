// `npm run bench:sizes`: what is missing, then the measurements. Arguments go on to bench/sizes.ts.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'

await prepareOrExit({ ffmpeg: true })
process.exitCode = await runOnTerminal(['--import', 'tsx', projectPath('bench/sizes.ts'), ...process.argv.slice(2)])
