// Tiny random checkpoints of public families, saved by transformers or in the form of their own code, and what PyTorch made of
// them; see families and composed in training/valley_training/fixtures.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PromptMessage } from '../../src/valley/prompt.ts'
import type { Valley } from '../../src/valley/valley.ts'
import type { VisualTokens } from '../../src/valley/visual-tokens.ts'
import type { Frame } from '../../src/video/frame.ts'
import { type ReferenceTensor, readReferenceFile } from './reference-tensors.ts'

/** Families with a committed checkpoint. */
export const FAMILY_CHECKPOINTS = [
  'llava',
  'llava-interleave',
  'llava-onevision',
  'smolvlm',
  'internvl',
  'llava-next-video',
  'video-llava',
  'llava-video',
  'valley',
  'video-chatgpt',
  'qwen2-vl',
  'qwen2.5-vl',
] as const
/** One of them. */
export type FamilyCheckpoint = (typeof FAMILY_CHECKPOINTS)[number]

/** A clip by the formula of its pixels. */
export interface FormulaClip {
  readonly kind: 'video' | 'image'
  readonly first_frame: number
  readonly frames: number
  readonly width: number
  readonly height: number
  /** Pictures a second, where the model is told of times. */
  readonly fps?: number
}

/** A conversation and what transformers answers. */
export interface ReferenceCase {
  readonly name: string
  readonly turns: readonly {
    readonly role: 'user' | 'assistant'
    readonly clips: readonly FormulaClip[]
    readonly text: string
  }[]
  readonly promptTokenIds: readonly number[]
  readonly greedyIds: readonly number[]
}

/** Folder of a checkpoint. Not to be written to. */
export function familyCheckpoint(family: FamilyCheckpoint): string {
  return fileURLToPath(new URL(`../fixtures/families/${family}`, import.meta.url))
}

/** Folder of the vision tower where a family's lies apart. */
export function familyTower(family: FamilyCheckpoint): string | undefined {
  const directory = join(familyCheckpoint(family), 'tower')
  return existsSync(directory) ? directory : undefined
}

/** The conversations of a family. */
export function referenceCases(family: FamilyCheckpoint): readonly ReferenceCase[] {
  const text = readFileSync(join(familyCheckpoint(family), 'reference.json'), 'utf8')
  return (JSON.parse(text) as { cases: ReferenceCase[] }).cases
}

/** The conversation of a family whose clip is a file, of more pictures than are looked at. */
export function referenceFileCase(family: FamilyCheckpoint): ReferenceCase {
  const text = readFileSync(join(familyCheckpoint(family), 'reference.json'), 'utf8')
  return (JSON.parse(text) as { fileCases: [ReferenceCase] }).fileCases[0]
}

/** Visual tokens of each clip and first logits of each conversation, by name. */
export function referenceTensors(family: FamilyCheckpoint): Record<string, ReferenceTensor> {
  return readReferenceFile(join(familyCheckpoint(family), 'reference.safetensors'))
}

/** The same picture as the formula of families/clips.py. */
export function formulaFrame(number: number, widthPixels: number, heightPixels: number, timeSeconds = 0): Frame {
  const rgb = new Uint8Array(widthPixels * heightPixels * 3)
  for (let y = 0; y < heightPixels; y++) {
    for (let x = 0; x < widthPixels; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = x * (7 + number) + y * 13 + channel * 71 + x * y * 3 + number * 31
        rgb[(y * widthPixels + x) * 3 + channel] = value % 256
      }
    }
  }
  return { timeSeconds, widthPixels, heightPixels, rgb }
}

/** Looks at a clip of the formula. */
export function encodeFormulaClip(valley: Valley, clip: FormulaClip): Promise<VisualTokens> {
  const { kind, first_frame: first, frames, width, height, fps = 1 } = clip
  const pictures = Array.from({ length: frames }, (_, index) => formulaFrame(first + index, width, height, index / fps))
  return valley.encodeClip(JSON.stringify(clip), pictures, { kind })
}

/** The conversation of a case as the model takes it, and its clips in order. */
export async function caseMessages(
  valley: Valley,
  { turns }: ReferenceCase,
): Promise<{ messages: PromptMessage[]; clips: VisualTokens[] }> {
  const clips: VisualTokens[] = []
  const messages: PromptMessage[] = []
  for (const turn of turns) {
    const content: PromptMessage['content'][number][] = []
    for (const clip of turn.clips) {
      const encoded = await encodeFormulaClip(valley, clip)
      clips.push(encoded)
      content.push({ type: 'clip', clip: encoded })
    }
    messages.push({ role: turn.role, content: [...content, { type: 'text', text: turn.text }] })
  }
  return { messages, clips }
}
