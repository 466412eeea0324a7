// Video-ChatGPT from a clip file on, as its published code prepares one: the middle picture of each of a hundred stretches, each
// resized by single pixels. The parts are PyTorch's; see composed/video_chatgpt.py in training/valley_training/fixtures.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { registerAsk } from '../../../src/commands/ask.ts'
import { buildPackage } from '../../../src/model-build/build-package.ts'
import {
  familyCheckpoint,
  familyTower,
  formulaFrame,
  referenceFileCase,
  referenceTensors,
} from '../../helpers/family-checkpoint.ts'
import { LOSSLESS_FFV1, writeClip } from '../../helpers/make-clips.ts'
import { relativeError } from '../../helpers/reference-tensors.ts'
import { runCommand } from '../../helpers/run-command.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

const FAMILY = 'video-chatgpt'
/** As in families.test.ts. */
const TOLERANCE = 1e-4

it('answers about a clip file of more pictures than it looks at as the published code does', async () => {
  const folder = temporaryFolder()
  const outputDirectory = join(folder, 'package')
  const directories = { checkpointDirectory: familyCheckpoint(FAMILY), towerDirectory: familyTower(FAMILY) }
  await buildPackage({ ...directories, outputDirectory, precision: 'fp32' })
  const { name, turns, promptTokenIds, greedyIds } = referenceFileCase(FAMILY)
  const [{ clips, text }] = turns as [(typeof turns)[number]]
  const { frames, width, height } = clips[0]!
  const pictures = Array.from({ length: frames }, (_, number) => Buffer.from(formulaFrame(number, width, height).rgb))
  const path = writeClip({ path: join(folder, 'clip.mkv'), width, height, pictures, options: LOSSLESS_FFV1 })

  const options = ['--model', outputDirectory, '--json', '--probe', '--max-tokens', String(greedyIds.length)]
  const { status, stdout, stderr } = await runCommand(registerAsk, ['ask', ...options, path, text], {})
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const report = JSON.parse(stdout) as {
    promptTokenIds: number[]
    tokenIds: number[]
    visualFeatures: number[][][]
    firstStepLogits: number[]
  }
  const tensors = referenceTensors(FAMILY)
  expect(report.promptTokenIds).toEqual(promptTokenIds)
  expect(relativeError(report.visualFeatures.flat(2), tensors[`${name}.visual.0`]!.values)).toBeLessThan(TOLERANCE)
  expect(relativeError(report.firstStepLogits, tensors[`${name}.logits`]!.values)).toBeLessThan(TOLERANCE)
  expect(report.tokenIds).toEqual(greedyIds)
})
