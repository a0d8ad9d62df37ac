import { describe, expect, it } from 'vitest'
import { networkOf } from './network-of.ts'

describe('an address that attempts are counted by', () => {
  it('is an IPv4 address whole, however it is written', () => {
    expect(networkOf('192.0.2.7')).toBe('192.0.2.7')
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
  })

  it('is the /64 of an IPv6 address, however it is written', () => {
    const one = '2001:db8:0:1::/64'
    for (const address of [
      '2001:db8:0:1::5',
      '2001:DB8:0:1:ffff:ffff:ffff:ffff',
      '2001:0db8:0000:0001:0:0:0:9',
      '2001:db8::1:2:3:4:5%eth0',
    ])
      expect(networkOf(address)).toBe(one)
    expect(networkOf('2001:db8:0:2::5')).not.toBe(one)
    expect(networkOf('::1')).toBe('0:0:0:0::/64')
  })
})
