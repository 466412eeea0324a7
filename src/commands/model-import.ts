// `valley model import`: a folder in the layout of transformers.js becomes a model package.
import { type Command, Option } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { PRECISION_PLANS, type Precision } from '../model-build/precision.ts'
import { importPackage } from '../model-import/import-package.ts'
import { totalBytes } from '../model-package/open-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText } from './number-text.ts'

const EXAMPLES = `
Examples:
  $ valley model import downloads/SmolVLM-Instruct models/smolvlm --precision int4
  $ valley model pull HuggingFaceTB/SmolVLM2-500M-Video-Instruct --onnx

The folder holds config.json, the tokenizer, the processor's settings, and in onnx/ the graphs vision_encoder*.onnx,
embed_tokens*.onnx and decoder_model_merged*.onnx. The precision chooses among them; nothing is quantised anew.
`

/** Adds the command to the group. */
export function registerModelImport(group: Command): void {
  group
    .command('import')
    .summary('make a model package from graphs that transformers.js runs')
    .description('Make a model package from a folder in the layout of transformers.js: graphs that others exported.')
    .argument('<folder>', 'folder with config.json and onnx/')
    .argument('<out>', 'folder of the package: a new one, or a package that is replaced')
    .addOption(
      new Option('--precision <precision>', 'which of the files are taken')
        .choices(Object.keys(PRECISION_PLANS))
        .default('int8'),
    )
    .addHelpText('after', EXAMPLES)
    .action((folder: string, out: string, { precision }: { precision: Precision }) =>
      withContext((context) => importFolder(folder, out, precision, context)),
    )
}

async function importFolder(
  directory: string,
  outputDirectory: string,
  precision: Precision,
  { signal }: CommandContext,
): Promise<void> {
  const progress = new ProgressLine(process.stderr)
  try {
    const manifest = await importPackage({
      directory,
      outputDirectory,
      precision,
      onProgress: ({ bytesDone, bytesTotal }) =>
        progress.show(`Writing weights ${byteText(bytesDone)} of ${byteText(bytesTotal)}`),
      signal,
    })
    progress.clear()
    const size = byteText(totalBytes(manifest))
    process.stdout.write(`Imported ${manifest.name} (${manifest.precision}, ${size}) into ${outputDirectory}\n`)
  } finally {
    progress.clear()
  }
}
