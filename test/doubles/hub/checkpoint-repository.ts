// A checkpoint folder as a repository of the hub.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HubFile, HubRepository } from './hub-double.ts'

/** Kept on the storage host whatever their size, as .gitattributes of the hub's repositories say. */
const LARGE = /\.(?:safetensors|onnx|onnx_data|bin|model)$/

/** The files of a folder, those of its folders too. */
export function filesOf(directory: string): HubFile[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      path: path.slice(directory.length + 1).replaceAll('\\', '/'),
      content: readFileSync(path),
      large: LARGE.test(path),
    }))
}

/** A repository with the files of a folder and some of one's own. */
export function checkpointRepository(
  directory: string,
  more: Partial<HubRepository> & { readonly extraFiles?: readonly HubFile[] } = {},
): HubRepository {
  const { extraFiles = [], ...rest } = more
  return {
    name: 'someone/a-model',
    cardData: { license: 'apache-2.0' },
    files: [...filesOf(directory), ...extraFiles],
    ...rest,
  }
}
