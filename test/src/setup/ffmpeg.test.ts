import { describe, expect, it } from 'vitest'
import { isDebianLike } from '../../../src/setup/apt.mjs'
import { isSupported, parseVersion } from '../../../src/setup/ffmpeg.mjs'

describe('parseVersion', () => {
  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2025 the FFmpeg developers', [5, 1]],
    ['ffprobe version n7.1 Copyright (c) 2007-2024 the FFmpeg developers', [7, 1]],
    ['ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021', [4, 4]],
    ['ffmpeg version 10.0 Copyright', [10, 0]],
  ])('reads %s', (line, version) => {
    expect(parseVersion(line)).toEqual(version)
  })

  it('finds no number in a build from a development tree', () => {
    expect(parseVersion('ffmpeg version N-118193-g5f38c82536 Copyright (c) 2000-2024')).toBeNull()
  })
})

describe('isSupported', () => {
  it.each<[[number, number] | null, boolean]>([
    [[5, 0], false],
    [[5, 1], true],
    [[4, 9], false],
    [[6, 0], true],
    [[10, 0], true],
    [null, true],
  ])('judges %j as %s', (version, supported) => {
    expect(isSupported(version)).toBe(supported)
  })
})

describe('isDebianLike', () => {
  it.each([
    ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n', true],
    ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['NAME="Fedora Linux"\nID=fedora\n', false],
    ['NAME="Arch Linux"\nID=arch\nPRETTY_NAME="not debian"\n', false],
  ])('judges %j as %s', (osRelease, debianLike) => {
    expect(isDebianLike(osRelease)).toBe(debianLike)
  })
})
