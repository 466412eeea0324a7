// Every name that a build or an import may write into a package's folder. Other files there (demo clips, a model card) are
// people's own and survive a new build.
import { halfFile } from '../model-package/half-file.ts'
import { MANIFEST_FILE } from '../model-package/open-package.ts'
import { WEIGHTS_FILE } from './external-data.ts'
import { PREFILL_WEIGHTS_FILE } from './fast-prefill.ts'
import { GRAPH_FILES, TOKENIZER_FILES } from './package-manifest.ts'
import { QUALITY_FILE } from './quality/quality-reference.ts'

/** The manifest comes last: what is removed in this order is known for a package to the end. */
export const PACKAGE_FILES: readonly string[] = [
  WEIGHTS_FILE,
  PREFILL_WEIGHTS_FILE,
  QUALITY_FILE,
  ...Object.values(GRAPH_FILES),
  halfFile(GRAPH_FILES.decoder),
  ...Object.values(TOKENIZER_FILES),
  MANIFEST_FILE,
]
