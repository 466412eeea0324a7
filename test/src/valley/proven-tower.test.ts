import { expect, it } from 'vitest'
import { openPackage } from '../../../src/model-package/open-package.ts'
import type { DeviceName } from '../../../src/onnx/devices/device.ts'
import { OnnxSession } from '../../../src/onnx/session.ts'
import type { NamedTensors } from '../../../src/onnx/tensor.ts'
import { openProvenTower, whyTowerIsApart } from '../../../src/valley/proven-tower.ts'
import { buildTinyPackage } from '../../helpers/tiny-package.ts'

const { manifest, pathOf } = await openPackage(await buildTinyPackage('mean'))

/** Opens the tower where a GPU stands in that gives other values, or fails; tells which of the two is taken. */
async function taken(spoil: (outputs: NamedTensors) => NamedTensors): Promise<DeviceName> {
  const opened = new Map<DeviceName, OnnxSession>()
  const tower = await openProvenTower(manifest, 'webgpu', async (device) => {
    const session = await OnnxSession.open(pathOf(manifest.graphs.visionEncoder), { intraOpThreads: 1 })
    opened.set(device, session)
    if (device === 'cpu') return session
    const run = session.run.bind(session)
    return Object.assign(session, { run: async (feeds: NamedTensors) => spoil(await run(feeds)) })
  })
  await tower.dispose()
  return tower === opened.get('cpu') ? 'cpu' : 'webgpu'
}

it('looks at clips on a GPU that sees what the CPU does', async () => {
  expect(await taken((outputs) => outputs)).toBe('webgpu')
})

it('looks at clips on the CPU where a GPU sees something else, or nothing', async () => {
  const wrong = ({ features }: NamedTensors): NamedTensors => {
    const data = (features!.data as Float32Array).map((value) => value * 1.01)
    return { features: { type: 'float32', dims: features!.dims, data } }
  }
  expect(await taken(wrong)).toBe('cpu')
  const refused = () => {
    throw new Error('input `key_padding_mask` not implemented for webgpu')
  }
  expect(await taken(refused)).toBe('cpu')
})

it('says why clips are looked at elsewhere', () => {
  expect(whyTowerIsApart(manifest, 'webgpu', 'webgpu')).toBe('')
  expect(whyTowerIsApart(manifest, 'cpu', 'webgpu')).toMatch(/other values/)
  const wholeNumbered = { ...manifest, vision: { ...manifest.vision, products: 'w8a8' as const } }
  expect(whyTowerIsApart(wholeNumbered, 'cpu', 'webgpu')).toMatch(/whole numbers/)
})
