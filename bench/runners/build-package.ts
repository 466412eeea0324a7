// Builds a package and prints what that took as one line of JSON: in a process of its own, whose memory is measured.
// Arguments: folder of the checkpoint, folder of the package, precision, and `measured` to hold it against its checkpoint.
import { buildPackage } from '../../src/model-build/build-package.ts'
import type { Precision } from '../../src/model-build/precision.ts'
import type { Quality } from '../../src/model-build/quality/measure-quality.ts'
import { qualityText } from '../../src/model-build/quality/quality-floor.ts'

/** What is printed. */
export interface BuildFigures {
  readonly packageBytes: number
  readonly seconds: number
  /** Of them for the stream of weights, from the checkpoint into the package. */
  readonly writeSeconds: number
  /** Of all cores together for that stream. */
  readonly writeProcessorSeconds: number
  /** What was kept of the checkpoint; null where it was not measured. */
  readonly quality: string | null
}

const [checkpointDirectory = '', outputDirectory = '', precision = '', measured] = process.argv.slice(2)
const started = performance.now()
let writing: { began: Moment; ended: Moment } | null = null
let quality: string | null = null
const manifest = await buildPackage({
  checkpointDirectory,
  outputDirectory,
  precision: precision as Precision,
  onProgress: () => {
    writing = { began: writing?.began ?? now(), ended: now() }
  },
  // Random weights fall under the floors, which are for those that were trained.
  ...(measured === undefined
    ? {}
    : { measure: { allowLoss: true, onMeasured: (seen: Quality) => (quality = qualityText(seen)) } }),
})

interface Moment {
  readonly seconds: number
  readonly processorSeconds: number
}

function now(): Moment {
  const { user, system } = process.cpuUsage()
  return { seconds: performance.now() / 1000, processorSeconds: (user + system) / 1e6 }
}

const { began, ended } = writing ?? { began: now(), ended: now() }
const figures: BuildFigures = {
  packageBytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0),
  seconds: (performance.now() - started) / 1000,
  writeSeconds: ended.seconds - began.seconds,
  writeProcessorSeconds: ended.processorSeconds - began.processorSeconds,
  quality,
}
console.log(JSON.stringify(figures))
