// `valley model`: the group of commands about model packages.
import type { Command } from 'commander'
import { registerModelBuild } from './model-build.ts'
import { registerModelList } from './model-list.ts'
import { registerModelVerify } from './model-verify.ts'

const EXAMPLES = `
Examples:
  $ valley model list
  $ valley model build checkpoints/valley-7b models/valley-7b --precision int4
  $ valley model verify models/valley-7b
`

/** Adds the group. */
export function registerModel(program: Command): void {
  const group = program
    .command('model')
    .summary('build, list and verify model packages')
    .description('Build, list and verify model packages: folders with a manifest, ONNX graphs and weights.')
    .addHelpText('after', EXAMPLES)
  registerModelBuild(group)
  registerModelList(group)
  registerModelVerify(group)
}
