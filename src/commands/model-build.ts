// `valley model build`: a Hugging Face layout checkpoint becomes a model package.
import { type Command, Option } from 'commander'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { buildPackage } from '../model-build/build-package.ts'
import { PRECISION_PLANS, type Precision } from '../model-build/precision.ts'
import type { Quality } from '../model-build/quality/measure-quality.ts'
import { qualityText } from '../model-build/quality/quality-floor.ts'
import { totalBytes } from '../model-package/open-package.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText, durationText } from './number-text.ts'

const EXAMPLES = `
Examples:
  $ valley model build checkpoints/valley-7b models/valley-7b
  $ valley model build checkpoints/valley-7b models/valley-7b-int4 --precision int4
  $ valley model build valley-13b-v1-delta models/valley-13b --base llama-13b-hf --precision int4

A checkpoint is a folder with config.json, weights (*.safetensors or *.bin) and a tokenizer. Memory does not grow with its size.
`

interface BuildCommandOptions {
  readonly precision: Precision
  readonly base?: string
  readonly tower?: string
  readonly measure: boolean
  readonly allowLoss?: boolean
  readonly fastPrefill: boolean
}

/** Adds the command to the group. */
export function registerModelBuild(group: Command): void {
  group
    .command('build')
    .summary('make a model package from a checkpoint')
    .description('Make a model package from a Hugging Face layout checkpoint.')
    .argument('<checkpoint>', 'folder of the checkpoint')
    .argument('<out>', 'folder of the package: a new one, or a package that is replaced')
    .addOption(
      new Option('--precision <precision>', 'how weights are stored')
        .choices(Object.keys(PRECISION_PLANS))
        .default('fp32'),
    )
    .option('--no-measure', 'do not measure what the package has kept of the checkpoint')
    .option('--allow-loss', 'keep a package that is measured to lose more than its precision explains')
    .option('--no-fast-prefill', 'leave out the second weights with which prompts are read faster')
    .option('--base <folder>', 'the model that the checkpoint is a delta of')
    .option('--tower <folder>', 'the vision tower that the checkpoint was published without')
    .addHelpText('after', EXAMPLES)
    .action((checkpoint: string, out: string, options: BuildCommandOptions) =>
      withContext((context) => build(checkpoint, out, options, context)),
    )
}

async function build(
  checkpoint: string,
  out: string,
  { precision, base, tower, measure, allowLoss = false, fastPrefill }: BuildCommandOptions,
  { config, signal }: CommandContext,
): Promise<void> {
  const progress = new ProgressLine(process.stderr)
  let quality: Quality | null = null
  const onMeasured = (seen: Quality) => {
    quality = seen
  }
  try {
    const manifest = await buildPackage({
      checkpointDirectory: checkpoint,
      outputDirectory: out,
      precision,
      fastPrefill,
      baseDirectory: base,
      towerDirectory: tower,
      threads: config.threads ?? undefined,
      measure: measure ? { allowLoss, onMeasured } : undefined,
      onProgress: ({ bytesDone, bytesTotal, secondsLeft }) => {
        const left = secondsLeft === null ? '' : `, ${durationText(secondsLeft)} left`
        const isWritten = bytesDone === bytesTotal && measure
        const what = isWritten ? 'Measuring it against the checkpoint, after writing' : 'Writing weights'
        progress.show(`${what} ${byteText(bytesDone)} of ${byteText(bytesTotal)}${left}`)
      },
      signal,
    })
    progress.clear()
    const files = Object.keys(manifest.files).length
    const size = byteText(totalBytes(manifest))
    process.stdout.write(`Built ${manifest.name} (${manifest.precision}, ${files} files, ${size}) in ${out}\n`)
    if (quality !== null) process.stdout.write(`Against the checkpoint in fp32: ${qualityText(quality)}\n`)
  } finally {
    progress.clear()
  }
}
