// Which addresses of the network a download may connect to: those of the public internet. A clip's address comes from a
// stranger, and this machine may reach others that strangers may not.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IPv4 networks that are not public. Source: IANA IPv4 Special-Purpose Address Registry, and multicast. */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // shared by customers of a provider (CGNAT)
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local; clouds keep their secrets there
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/**
 * Networks within 2000::/3 that are not public or carry an IPv4 address in them. All else that is public lies in 2000::/3;
 * in particular ::ffff:0:0/96, which stands for IPv4, does not. Source: IANA IPv6 Special-Purpose Address Registry.
 */
const NOT_PUBLIC_V6 = [
  ['2001::', 23], // Teredo and others
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['3fff::', 20],
] as const

const notPublicV4 = new BlockList()
for (const [network, prefix] of NOT_PUBLIC_V4) notPublicV4.addSubnet(network, prefix, 'ipv4')
const notPublicV6 = new BlockList()
for (const [network, prefix] of NOT_PUBLIC_V6) notPublicV6.addSubnet(network, prefix, 'ipv6')
const globalV6 = new BlockList()
globalV6.addSubnet('2000::', 3, 'ipv6')

/** True for an address of the public internet; false for every other text. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4')
  return isIPv6(address) && globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6')
}

/** The address that a URL's host spells out; null for a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.replace(/^\[|\]$/g, '')
  return isIPv4(bare) || isIPv6(bare) ? bare : null
}

/**
 * True when a URL leads to a host that a pattern means.
 * @param pattern `host` or `*.host` (every host below it, not itself); with `:port` only that port
 */
export function matchesHost(url: URL, pattern: string): boolean {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase())!
  const ownPort = url.port === '' ? (url.protocol === 'http:' ? '80' : '443') : url.port
  if (port !== undefined && port !== ownPort) return false
  return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host
}
