// `valley model pull`: a model from the Hugging Face hub becomes a package here.
import { basename, join, relative } from 'node:path'
import { type Command, Option } from 'commander'
import { plainLine } from '../../adapters/terminal/plain-text.ts'
import { ProgressLine } from '../../adapters/terminal/progress-line.ts'
import { installationDirectory } from '../config/installation.ts'
import { PRECISION_PLANS, type Precision } from '../model-build/precision.ts'
import type { Quality } from '../model-build/quality/measure-quality.ts'
import { qualityText } from '../model-build/quality/quality-floor.ts'
import { readCatalogue } from '../model-hub/catalogue.ts'
import { openHub } from '../model-hub/hub-access.ts'
import { readProxies } from '../model-hub/proxy.ts'
import { repositoryName } from '../model-hub/repository.ts'
import { agreeToLicence } from './agree-to-licence.ts'
import { type CommandContext, withContext } from './context.ts'
import { byteText } from './number-text.ts'
import { type PulledPackage, pullPackage } from './pull-package.ts'

const EXAMPLES = `
Examples:
  $ valley model list --available
  $ valley model pull HuggingFaceTB/SmolVLM2-500M-Video-Instruct
  $ valley model pull llava-hf/llava-onevision-qwen2-7b-ov-hf --precision int4
  $ valley model pull llava-hf/llava-1.5-7b-hf --accept-license

A pull that was stopped goes on where it stopped when the same command is run again. HF_TOKEN holds a token for gated
models, HF_ENDPOINT the address of a mirror; HTTPS_PROXY, HTTP_PROXY and NO_PROXY say what stands between.
`

interface PullOptions {
  readonly precision?: Precision
  readonly revision: string
  readonly out?: string
  readonly acceptLicense?: boolean
  readonly keepCheckpoint?: boolean
  readonly base?: string
  readonly tower?: string
  readonly measure: boolean
  readonly allowLoss?: boolean
  readonly onnx?: boolean
}

/** Name of the file in the models folder that lists what can be pulled. */
export const CATALOGUE_FILE = join('models', 'catalogue.json')

/** Adds the command to the group. */
export function registerModelPull(group: Command): void {
  group
    .command('pull')
    .summary('download a model and make a package of it')
    .description('Download a model from the Hugging Face hub, make a package of it, verify it, and say how to use it.')
    .argument('<repository>', 'owner/name on the hub, or the address of its page')
    .addOption(
      new Option('--precision <precision>', 'how weights are stored; default what suits the model').choices(
        Object.keys(PRECISION_PLANS),
      ),
    )
    .option('--revision <revision>', 'branch, tag or commit', 'main')
    .option('--out <dir>', 'folder of the package; default its name in the models folder')
    .option('--onnx', 'take the graphs in onnx/ that transformers.js runs, and not the checkpoint')
    .option('--no-measure', 'do not measure what the package has kept of the checkpoint')
    .option('--allow-loss', 'keep a package that is measured to lose more than its precision explains')
    .option('--base <folder>', 'the model that the repository is a delta of')
    .option('--tower <folder>', 'the vision tower that the repository was published without')
    .option('--accept-license', 'agree to a licence that restricts what may be done with the model')
    .option('--keep-checkpoint', 'keep what was downloaded, to build the package again at another precision')
    .addHelpText('after', EXAMPLES)
    .action((repository: string, options: PullOptions) => withContext((context) => pull(repository, options, context)))
}

async function pull(given: string, options: PullOptions, { config, signal }: CommandContext): Promise<void> {
  const line = new ProgressLine(process.stderr)
  const say = (text: string) => {
    line.clear()
    process.stdout.write(`${plainLine(text)}\n`)
  }
  const onMeasured = (quality: Quality) => say(`Against the checkpoint in fp32: ${qualityText(quality)}`)
  try {
    const pulled = await pullPackage(
      {
        repository: repositoryName(given),
        revision: options.revision,
        precision: options.precision ?? null,
        outputDirectory: options.out ?? null,
        keepCheckpoint: options.keepCheckpoint ?? false,
        checkpoint: {
          baseDirectory: options.base,
          towerDirectory: options.tower,
          threads: config.threads ?? undefined,
          measure: options.measure ? { allowLoss: options.allowLoss ?? false, onMeasured } : undefined,
        },
        asksForGraphs: options.onnx ?? false,
      },
      {
        hub: openHub(config.hubEndpoint, config.secrets.HF_TOKEN?.reveal() ?? null, readProxies(config.proxy)),
        modelsDirectory: config.modelsDirectory,
        catalogue: await readCatalogue(join(installationDirectory(), CATALOGUE_FILE)),
        agree: (summary, text) => {
          line.clear()
          return agreeToLicence({ summary, text, isAccepted: options.acceptLicense ?? false })
        },
        say,
        progress: (text) => line.show(text),
        signal,
      },
    )
    for (const text of endLines(pulled, config.modelsDirectory)) say(text)
  } finally {
    line.clear()
    if (signal.aborted) process.stderr.write('Stopped. The same command goes on where it stopped.\n')
  }
}

/** What was made and how to use it. */
function endLines({ directory, manifest, verified }: PulledPackage, modelsDirectory: string): string[] {
  const state =
    verified === null
      ? `${manifest.name} (${manifest.precision}) is in ${directory} already, from the same commit.`
      : `${manifest.name} is in order: ${verified.files} files, ${byteText(verified.bytes)}, hashes right, ${verified.graphs.length} graphs run`
  const inModels = relative(modelsDirectory, directory) === basename(directory)
  const name = inModels ? basename(directory) : directory
  return [
    state,
    'Use it:',
    `  valley ask --model ${relativePath(directory)} clip.mp4 "What happens in the clip?"`,
    `  VALLEY_MODEL=${name} npm start      or, for good, in config/valley.yaml:  modelDirectory: ${name}`,
  ]
}

function relativePath(directory: string): string {
  const fromHere = relative(process.cwd(), directory)
  return fromHere.length < directory.length ? fromHere : directory
}
