// `npm run check`: types, linter, import rules and documents. All of them run, so that one round shows all there is.
import { projectPath } from './paths.mjs'
import { prepareOrExit } from './prepare.mjs'
import { runOnTerminal } from './run-tool.mjs'
import { say } from './say.mjs'

/** @type {[name: string, command: [string, ...string[]]][]} */
const CHECKS = [
  ['types', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit']],
  ['lint', ['node_modules/@biomejs/biome/bin/biome', 'check', '--config-path=config/lint.json', '--error-on-warnings']],
  [
    'rules and documents',
    ['node_modules/vitest/vitest.mjs', 'run', '--config=config/vitest.config.ts', 'test/boundaries', 'test/docs'],
  ],
]

await prepareOrExit({ build: false })
const failed = []
for (const [name, [script, ...args]] of CHECKS) {
  const status = await runOnTerminal([projectPath(script), ...args])
  say(`check ${name}: ${status === 0 ? 'ok' : 'failed'}`)
  if (status !== 0) failed.push(name)
}
if (failed.length > 0) process.exitCode = 1
