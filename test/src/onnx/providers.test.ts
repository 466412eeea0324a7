import { expect, it } from 'vitest'
import { probeHalfPrecision, probeProviders } from '../../../src/onnx/providers.ts'

it('finds that the CPU opens and gives a plain reason for each provider that does not', async () => {
  const probes = await probeProviders()
  expect(probes).toContainEqual({ name: 'cpu', bundled: true, opens: true, reason: '' })
  for (const { opens, reason } of probes) {
    expect(reason === '').toBe(opens)
    expect(reason).not.toContain('\n')
  }
})

it('finds out by a product whether float16 is multiplied', async () => {
  expect(await probeHalfPrecision('cpu')).toBe('')
  expect(await probeHalfPrecision('no-such-provider')).not.toBe('')
})
