import { describe, expect, it } from 'vitest'
import { isPublicAddress, literalAddress, matchesHost } from '../../../src/video/network-address.ts'

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '162.159.128.233',
    '172.15.255.255',
    '172.32.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
  ])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.127.255.255',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('a host', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['cdn.example.com', null],
    // What people write to hide an address, as a URL parser reads it.
    [new URL('https://0x7f.1/').hostname, '127.0.0.1'],
    [new URL('https://2130706433/').hostname, '127.0.0.1'],
    [new URL('https://[::ffff:127.0.0.1]/').hostname, '::ffff:7f00:1'],
  ])('%s spells out %s', (hostname, address) => {
    expect(literalAddress(hostname)).toBe(address)
  })

  it.each([
    ['https://cdn.example.com/x', 'cdn.example.com', true],
    ['https://CDN.example.com/x', 'cdn.Example.com', true],
    ['https://cdn.example.com:8443/x', 'cdn.example.com', true],
    ['https://evil-cdn.example.com/x', 'cdn.example.com', false],
    ['https://cdn.example.com.evil.org/x', 'cdn.example.com', false],
    ['https://a.b.slack.com/x', '*.slack.com', true],
    ['https://slack.com/x', '*.slack.com', false],
    ['https://notslack.com/x', '*.slack.com', false],
    ['http://127.0.0.1:4000/x', '127.0.0.1:4000', true],
    ['http://127.0.0.1:4001/x', '127.0.0.1:4000', false],
    ['https://cdn.example.com/x', 'cdn.example.com:443', true],
  ])('%s is meant by %s: %s', (url, pattern, meant) => {
    expect(matchesHost(new URL(url), pattern)).toBe(meant)
  })
})
