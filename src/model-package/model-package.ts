// A model package as the rest of the house holds it.
import type { ModelManifest } from './manifest.ts'

/** A package whose manifest and file sizes were found right. */
export interface ModelPackage {
  /** Absolute path of the folder. */
  readonly directory: string
  readonly manifest: ModelManifest
  /** Absolute path of a file that the manifest lists; asking for another one is a fault of the caller. */
  pathOf(file: string): string
}
