// `valley model`: the group of commands about model packages.
import type { Command } from 'commander'
import { registerModelBuild } from './model-build.ts'
import { registerModelImport } from './model-import.ts'
import { registerModelList } from './model-list.ts'
import { registerModelPull } from './model-pull.ts'
import { registerModelVerify } from './model-verify.ts'

const EXAMPLES = `
Examples:
  $ valley model list --available
  $ valley model pull HuggingFaceTB/SmolVLM2-500M-Video-Instruct
  $ valley model build checkpoints/valley-7b models/valley-7b --precision int4
  $ valley model verify models/valley-7b
`

/** Adds the group. */
export function registerModel(program: Command): void {
  const group = program
    .command('model')
    .summary('pull, build, import, list and verify model packages')
    .description(
      'Pull, build, import, list and verify model packages: folders with a manifest, ONNX graphs and weights.',
    )
    .addHelpText('after', EXAMPLES)
  registerModelPull(group)
  registerModelBuild(group)
  registerModelImport(group)
  registerModelList(group)
  registerModelVerify(group)
}
