import type { Standing } from '@console/verb-kit/standing'
import { expect, it } from 'vitest'
import { readConfig } from './config.ts'

const good: Standing = { uid: 1_001, capabilities: 0n, mayGain: false, rootWritable: false, interfaces: [] }
const worst: Standing = { uid: 0, capabilities: 1n, mayGain: true, rootWritable: true, interfaces: ['eth0'] }

it('lets nothing that weakens it pass in production, and tells all of it at once', () => {
  const refused = (): unknown => readConfig({ NODE_ENV: 'production', PRODUCT_ID: 'A', KEYS_DIR: '' }, worst)
  for (const says of ['runs as root', 'capabilities', 'gain rights', 'writable', 'network', 'PRODUCT_ID', 'KEYS_DIR is empty'])
    expect(refused).toThrow(says)
  expect(readConfig({ NODE_ENV: 'production' }, good)).toMatchObject({ warnings: [], remarks: [] })
})

it('tells elsewhere what only production refuses, and warns of root', () => {
  const { warnings, remarks } = readConfig({}, worst)
  expect(warnings).toEqual([expect.stringContaining('runs as root')])
  expect(remarks).toHaveLength(4)
  expect(remarks.every((remark) => remark.startsWith('In production this stops the start: docker-proxy '))).toBe(true)
  expect(readConfig({}, good)).toMatchObject({ warnings: [], remarks: [] })
})

it('has a socket for a gateway only where one is named', () => {
  expect([readConfig({}, good).gatewaySocket, readConfig({ GATEWAY_SOCKET: '/run/g.sock' }, good).gatewaySocket]).toEqual([
    null,
    '/run/g.sock',
  ])
  expect(() => readConfig({ GATEWAY_SOCKET: '' }, good)).toThrow('GATEWAY_SOCKET is empty')
})
