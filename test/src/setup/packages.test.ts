import { describe, expect, it } from 'vitest'
import { isInstallationCurrent } from '../../../src/setup/packages.mjs'

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/@biomejs/cli-darwin-arm64': { version: '2.6.8', optional: true },
  },
}

describe('isInstallationCurrent', () => {
  it('is false without an installation', () => {
    expect(isInstallationCurrent(wanted, null)).toBe(false)
  })

  it('bears the absence of a package that belongs to another platform', () => {
    expect(isInstallationCurrent(wanted, { packages: { 'node_modules/zod': { version: '4.6.7' } } })).toBe(true)
  })

  it('is false when a package is missing or has another version', () => {
    expect(isInstallationCurrent(wanted, { packages: {} })).toBe(false)
    expect(isInstallationCurrent(wanted, { packages: { 'node_modules/zod': { version: '4.6.6' } } })).toBe(false)
  })

  it('is false when an optional package is there in another version', () => {
    const installed = {
      packages: {
        'node_modules/zod': { version: '4.6.7' },
        'node_modules/@biomejs/cli-darwin-arm64': { version: '2.6.7' },
      },
    }
    expect(isInstallationCurrent(wanted, installed)).toBe(false)
  })
})
