import { describe, expect, it } from 'vitest'
import { addressAllowed, judgeTarget } from './target-guard.ts'

const rules = { domain: 'example.net', allowedHosts: ['hello-container', '.partner.test'] }
const goes = (host: string, port = 443) => judgeTarget(new URL(`https://${host}/`).hostname, port, rules).go

describe('judgeTarget', () => {
  it('sends every spelling of loopback to the host-agent', () => {
    for (const host of ['localhost', 'x.localhost', '127.0.0.1', '127.1', '0x7f.1', '2130706433', '0', '[::1]', '[::ffff:7f00:1]', '[::]'])
      expect([host, goes(host)]).toEqual([host, 'agent'])
  })

  it('refuses metadata services whoever asks', () => {
    for (const host of [
      '169.254.169.254',
      '[fd00:ec2::254]',
      '100.100.100.200',
      '168.63.129.16',
      'metadata.google.internal',
      '[64:ff9b::a9fe:a9fe]',
      '[::ffff:169.254.169.254]',
    ])
      expect([host, goes(host)]).toEqual([host, 'refused'])
  })

  it('goes to the domain and to listed names, and nowhere else', () => {
    expect(['api.example.net', 'example.net', 'hello-container', 'a.partner.test'].map((host) => goes(host))).toEqual([
      'direct',
      'direct',
      'direct',
      'direct',
    ])
    expect(['example.org', 'evilexample.net', 'partner.test.evil.org', '10.0.0.5'].map((host) => goes(host))).toEqual([
      'unlisted',
      'unlisted',
      'unlisted',
      'unlisted',
    ])
  })

  it('refuses the ports of container engines', () => {
    expect(goes('api.example.net', 2375)).toBe('refused')
  })
})

describe('addressAllowed', () => {
  it('refuses what a name must not lead to', () => {
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '0.0.0.0', 'nonsense'].map(addressAllowed)).toEqual(
      Array(6).fill(false),
    )
    expect(['10.0.0.5', '93.184.216.34', '2606:2800:220:1::1'].map(addressAllowed)).toEqual([true, true, true])
  })
})
