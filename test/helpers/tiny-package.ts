// Tiny random model packages, built from the committed checkpoints in test/fixtures/tiny; the real pipeline runs on them.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { buildPackage } from '../../src/model-build/build-package.ts'
import type { Precision } from '../../src/model-build/precision.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Which checkpoint: one for each temporal pooling, and one with a convolutional stem (all are described in training/valley_training/fixtures/tiny.py). */
export type TinyVariant = 'mean' | 'importance' | 'transformer' | 'stem'

/** All variants. */
export const TINY_VARIANTS: readonly TinyVariant[] = ['mean', 'importance', 'transformer', 'stem']

const built = new Map<string, Promise<string>>()
let root: string | null = null

/** Folder of a tiny checkpoint in Hugging Face layout, with reference.safetensors from PyTorch. Not to be written to. */
export function tinyCheckpoint(variant: TinyVariant): string {
  return fileURLToPath(new URL(`../fixtures/tiny/${variant}`, import.meta.url))
}

/**
 * Builds a tiny package, once a test file; the temporary folder goes after the file's last test.
 * @returns path of the package; tests that change it work on a copy
 */
export function buildTinyPackage(variant: TinyVariant, precision: Precision = 'fp32'): Promise<string> {
  const key = `${variant}-${precision}`
  let path = built.get(key)
  if (path === undefined) {
    path = build(variant, precision, join(temporaryRoot(), key))
    built.set(key, path)
  }
  return path
}

/** A copy of a tiny package that the running test may change. */
export async function copyTinyPackage(variant: TinyVariant): Promise<string> {
  const directory = join(temporaryFolder(), 'package')
  cpSync(await buildTinyPackage(variant), directory, { recursive: true })
  return directory
}

async function build(variant: TinyVariant, precision: Precision, outputDirectory: string): Promise<string> {
  await buildPackage({ checkpointDirectory: tinyCheckpoint(variant), outputDirectory, precision })
  return outputDirectory
}

function temporaryRoot(): string {
  root ??= mkdtempSync(join(tmpdir(), 'valley-tiny-'))
  return root
}

afterAll(() => {
  if (root !== null) rmSync(root, { recursive: true, force: true })
  root = null
  built.clear()
})
