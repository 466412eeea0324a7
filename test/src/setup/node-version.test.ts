import { describe, expect, it } from 'vitest'
import { ensureNodeVersion } from '../../../src/setup/node-version.mjs'

describe('ensureNodeVersion', () => {
  it.each(['20.18.0', '20.20.2', '22.0.0', '24.1.0'])('accepts Node %s', (version) => {
    expect(() => ensureNodeVersion(version)).not.toThrow()
  })

  it.each(['20.17.9', '18.20.4', '9.30.0'])('refuses Node %s in one line that names both versions', (version) => {
    expect(() => ensureNodeVersion(version)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(new RegExp(`^TOOL_MISSING: this is Node ${version}; .*20\\.18 .*\\.$`)),
      }),
    )
  })
})
