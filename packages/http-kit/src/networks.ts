import { BlockList, isIP } from 'node:net'

/** An address (IPv4 or IPv6), or a network as CIDR; `bits` is how many of its first bits count. */
export type Network = { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' }

/** @returns null for what is neither, such as a name or a hop count */
export function networkOf(text: string): Network | null {
  const [address = '', bits, more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined) return null
  const most = version === 4 ? 32 : 128
  if (bits !== undefined && (!/^[0-9]{1,3}$/.test(bits) || Number(bits) > most)) return null
  return { address, bits: bits === undefined ? most : Number(bits), family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** Whether an address is in one of the networks. IPv4 in the notation of IPv6 (`::ffff:`) is IPv4. */
export function inNetworks(networks: readonly Network[]): (address: string) => boolean {
  const list = new BlockList()
  for (const { address, bits, family } of networks) list.addSubnet(address, bits, family)
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}
