import { BlockList, isIP } from 'node:net'

/** Where a health check may go. Names are exact; a name that begins with a dot stands for every host below it. */
export type TargetRules = { readonly domain: string; readonly allowedHosts: readonly string[] }
export type Verdict =
  | { readonly go: 'agent' | 'direct' }
  /** `unlisted` is no place that is refused to everybody: an admin may enter it. */
  | { readonly go: 'unlisted' | 'refused'; readonly why: string }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addAddress('0.0.0.0', 'ipv4')
loopback.addAddress('::', 'ipv6')

/** Metadata services of clouds, and addresses that are never a service: refused whoever asks. */
const never = new BlockList()
never.addSubnet('169.254.0.0', 16, 'ipv4')
never.addSubnet('fe80::', 10, 'ipv6')
never.addAddress('fd00:ec2::254', 'ipv6')
never.addAddress('100.100.100.200', 'ipv4')
never.addAddress('168.63.129.16', 'ipv4')
never.addAddress('255.255.255.255', 'ipv4')
never.addSubnet('0.0.0.0', 8, 'ipv4')
never.addSubnet('224.0.0.0', 4, 'ipv4')
never.addSubnet('ff00::', 8, 'ipv6')
// Forms that carry an IPv4 address inside: NAT64, 6to4, Teredo, IPv4-compatible. What they lead to is not what is written.
never.addSubnet('64:ff9b::', 96, 'ipv6')
never.addSubnet('64:ff9b:1::', 48, 'ipv6')
never.addSubnet('2002::', 16, 'ipv6')
never.addSubnet('2001::', 32, 'ipv6')
never.addSubnet('::', 96, 'ipv6')
never.addSubnet('fec0::', 10, 'ipv6')
const metadataNames = new Set(['metadata.google.internal', 'metadata', 'instance-data', 'metadata.azure.internal'])

/** Ports that speak to container engines: no health check needs them. */
const enginePorts = new Set([2375, 2376])

/** Decides on the target as it is written; the address that a name leads to is decided by `addressAllowed` when connecting. */
export function judgeTarget(hostname: string, port: number, rules: TargetRules): Verdict {
  const host = plainHost(hostname)
  if (enginePorts.has(port)) return { go: 'refused', why: `port ${port} speaks to a container engine` }
  if (metadataNames.has(host)) return { go: 'refused', why: `${host} is a metadata service` }
  const family = isIP(host)
  if (host === 'localhost' || host.endsWith('.localhost') || (family !== 0 && isLoopback(host))) return { go: 'agent' }
  if (family !== 0 && !addressAllowed(host)) return { go: 'refused', why: `${host} is an address that checks never go to` }
  if (host === rules.domain || host.endsWith(`.${rules.domain}`)) return { go: 'direct' }
  const listed = rules.allowedHosts.some((name) => (name.startsWith('.') ? host.endsWith(name) : host === name))
  return listed
    ? { go: 'direct' }
    : { go: 'unlisted', why: `${host} is neither below ${rules.domain} nor a container’s name nor on the list of check targets` }
}

/** A host as the guard compares it: without the brackets of IPv6 and the dot of the root. */
export function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

/** For the address that is really connected to: loopback is the host-agent's business, the rest of the list nobody's. */
export function addressAllowed(address: string): boolean {
  const plain = address.split('%')[0] ?? ''
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4'
  return isIP(plain) !== 0 && !never.check(plain, family) && !loopback.check(plain, family)
}

function isLoopback(address: string): boolean {
  return loopback.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}
