// How near a package's visual tokens are to those of its weights in float32. argv: package.
import { measureQuality } from '../../src/model-build/quality/measure-quality.ts'
import { openPackage } from '../../src/model-package/open-package.ts'
import { type Figures, serve } from './serve.ts'

const [packageDirectory = ''] = process.argv.slice(2)

await serve(async () => async (): Promise<Figures> => {
  const { frameCosines, divergence } = await measureQuality(await openPackage(packageDirectory))
  return { worstCosine: Math.min(...frameCosines), divergence }
})
