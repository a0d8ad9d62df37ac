import { expect, it } from 'vitest'
import { inNetworks, networkOf } from './networks.ts'

it('reads addresses and networks, and nothing else', () => {
  expect(networkOf('10.0.0.0/8')).toEqual({ address: '10.0.0.0', bits: 8, family: 'ipv4' })
  expect(networkOf('fd00::/8')).toEqual({ address: 'fd00::', bits: 8, family: 'ipv6' })
  expect([networkOf('10.1.2.3')?.bits, networkOf('::1')?.bits, networkOf('0.0.0.0/0')?.bits]).toEqual([32, 128, 0])
  for (const none of ['', '1', 'loopback', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/1e1'])
    expect([none, networkOf(none)]).toEqual([none, null])
})

it('says of an address whether it is in one of them', () => {
  const networks = ['127.0.0.0/8', '::1/128', '100.64.0.0/10'].flatMap((text) => networkOf(text) ?? [])
  const isIn = inNetworks(networks)
  for (const address of ['127.0.0.1', '::1', '100.64.0.1', '100.127.255.255', '::ffff:100.100.1.2', '::ffff:7f00:1'])
    expect([address, isIn(address)]).toEqual([address, true])
  for (const address of ['100.128.0.1', '128.0.0.1', '::2', '::ffff:8.8.8.8', 'localhost', ''])
    expect([address, isIn(address)]).toEqual([address, false])
  expect(inNetworks([])('127.0.0.1')).toBe(false)
})
