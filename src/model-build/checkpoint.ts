// Reads a checkpoint in Hugging Face layout into a neutral description, by the reader of its family. Weights stay on the
// disk; what comes back knows where they lie. models/README.md describes the format.
import { basename, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { readJson } from './checkpoint-config.ts'
import type { Checkpoint } from './checkpoint-description.ts'
import { FAMILIES } from './families.ts'
import { requireFolder } from './named-folder.ts'
import { readFamily } from './read-family.ts'
import { QWEN_VL_ARCHITECTURES, readQwenVl } from './read-qwen-vl.ts'
import { readValley, VALLEY_ARCHITECTURE } from './read-valley.ts'
import { readVideoChatGpt, VIDEO_CHATGPT_ARCHITECTURE } from './read-video-chatgpt.ts'

/** Names in config.json's `architectures` that the builder takes. */
export const SUPPORTED_ARCHITECTURES: readonly string[] = [
  VALLEY_ARCHITECTURE,
  VIDEO_CHATGPT_ARCHITECTURE,
  ...Object.keys(QWEN_VL_ARCHITECTURES),
  ...FAMILIES.flatMap(({ architectures }) => architectures),
]

/** Part of the names of deltas, on the hub and where people put them. */
const DELTA_NAME = /(^|[-_.])delta([-_.]|$)/i

/**
 * Opens a checkpoint folder and checks everything but the weights' values.
 * @param baseDirectory the model that the checkpoint is a delta of; none for a whole one
 * @param towerDirectory the vision tower that the checkpoint was published without; only Video-ChatGPT is
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model, CHECKPOINT_INVALID for a broken one, CONFIG_INVALID for
 *   a folder that is not there, or a base or tower where none belongs
 */
export async function readCheckpoint(
  directory: string,
  baseDirectory?: string,
  towerDirectory?: string,
): Promise<Checkpoint> {
  await requireFolder(directory, 'as the checkpoint')
  return (await findReader(directory, baseDirectory, towerDirectory))()
}

/**
 * Looks at config.json alone: worth asking before gigabytes of weights are fetched.
 * @throws AppError CHECKPOINT_UNSUPPORTED for another kind of model or a delta without its base, CHECKPOINT_INVALID when
 *   config.json cannot be read, CONFIG_INVALID for a base or a tower that is not there or does not belong there
 */
export async function requireSupportedCheckpoint(
  directory: string,
  baseDirectory?: string,
  towerDirectory?: string,
): Promise<void> {
  await findReader(directory, baseDirectory, towerDirectory)
}

async function findReader(
  directory: string,
  baseDirectory: string | undefined,
  towerDirectory?: string,
): Promise<() => Promise<Checkpoint>> {
  if (baseDirectory !== undefined) await requireFolder(baseDirectory, 'with --base')
  if (towerDirectory !== undefined) await requireFolder(towerDirectory, 'with --tower')
  const config = await readJson(directory, 'config.json')
  // By architecture: unlike networks share a model_type (Valley of 2023 and Valley-Eagle are both "valley").
  const stated = (config as { architectures?: unknown } | null)?.architectures
  const architectures: unknown[] = Array.isArray(stated) ? stated : []
  if (SUPPORTED_ARCHITECTURES.some((name) => architectures.includes(name))) {
    refuseQuantised(directory, config)
    if (!architectures.includes(VIDEO_CHATGPT_ARCHITECTURE)) refuseTower(directory, towerDirectory)
  }
  if (architectures.includes(VALLEY_ARCHITECTURE)) {
    requireBase(directory, config, baseDirectory)
    return () => readValley(directory, config, baseDirectory)
  }
  if (architectures.includes(VIDEO_CHATGPT_ARCHITECTURE)) {
    requireBase(directory, config, baseDirectory)
    return () => readVideoChatGpt(directory, config, baseDirectory, towerDirectory)
  }
  const qwenVl = Object.entries(QWEN_VL_ARCHITECTURES).find(([name]) => architectures.includes(name))?.[1]
  if (qwenVl !== undefined) {
    refuseBase(directory, qwenVl, baseDirectory)
    return () => readQwenVl(directory, config, qwenVl)
  }
  const family = FAMILIES.find((one) => one.architectures.some((name) => architectures.includes(name)))
  if (family !== undefined) {
    refuseBase(directory, family.name, baseDirectory)
    return () => readFamily(directory, config, family)
  }
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} has the architectures ${JSON.stringify(stated ?? null)}; this builder takes ${SUPPORTED_ARCHITECTURES.join(', ')}. Choose such a checkpoint.`,
    { details: { directory } },
  )
}

/** What others have quantised has other tensors, and what it lost cannot be measured. */
function refuseQuantised(directory: string, config: unknown): void {
  const { quantization_config: settings } = config as { quantization_config?: { quant_method?: unknown } | null }
  if (settings === undefined || settings === null) return
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} is quantised already (quant_method ${JSON.stringify(settings.quant_method ?? null)}); this builder takes weights in float32, float16 or bfloat16 and quantises them itself. Choose the checkpoint that it was made from.`,
    { details: { directory } },
  )
}

function refuseBase(directory: string, family: string, baseDirectory: string | undefined): void {
  if (baseDirectory === undefined) return
  throw new AppError(
    'CONFIG_INVALID',
    `A base was named for ${directory}, a ${family} checkpoint; only Valley's and Video-ChatGPT's are published as deltas. Build it without --base.`,
    { details: { directory } },
  )
}

function refuseTower(directory: string, towerDirectory: string | undefined): void {
  if (towerDirectory === undefined) return
  throw new AppError(
    'CONFIG_INVALID',
    `A tower was named for ${directory}, which brings its own; only Video-ChatGPT's checkpoints are published without theirs. Build it without --tower.`,
    { details: { directory } },
  )
}

/** A delta without its base is sound in every respect and speaks gibberish. */
function requireBase(directory: string, config: unknown, baseDirectory: string | undefined): void {
  const own = (config as { _name_or_path?: unknown } | null)?._name_or_path
  const name = [resolve(directory), typeof own === 'string' ? own : ''].find((one) => DELTA_NAME.test(basename(one)))
  if (name === undefined || baseDirectory !== undefined) return
  throw new AppError(
    'CHECKPOINT_UNSUPPORTED',
    `${directory} is by its name ${basename(name)} the difference from another model; alone it says nothing. Name that model's folder with --base (LLaMA 13B for valley-13b-v1-delta).`,
    { details: { directory } },
  )
}
