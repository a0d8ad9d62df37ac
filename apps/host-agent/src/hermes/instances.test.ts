import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readInstances } from './instances.ts'

const base = mkdtempSync(join(tmpdir(), 'hermes-instances-'))
const self = { uid: process.getuid?.() ?? 0, user: 'root' }
const file = join(base, 'instances.json')
const read = (value: unknown, mode = 0o600) => {
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value))
  chmodSync(file, mode)
  return readInstances(file, self)
}
const one = { id: 'vm', user: 'hermes', home: '/home/hermes/.hermes' }
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('the instances of Hermes', () => {
  it('are two where no file is named', () => {
    expect(readInstances(undefined, self)).toMatchObject([
      { id: 'vm', user: 'root', home: null, unit: 'hermes-gateway.service', scope: 'user', backupRepo: null, memoryBodies: false },
      { id: 'uma', user: 'uma' },
    ])
  })

  it('are as many as a file lists, with what it leaves out as usual', () => {
    const more = {
      label: 'Uma',
      scope: 'system',
      unit: 'hermes-gateway-uma.service',
      backupRepo: '/home/uma/b',
      healthUrl: 'http://127.0.0.1:8642/health',
      memoryBodies: true,
    }
    expect(read([one, { ...one, id: 'uma', ...more }])).toMatchObject([
      { ...one, label: 'vm', scope: 'user', memoryBodies: false },
      { id: 'uma', ...more },
    ])
  })

  it.each([
    ['an unknown field', [{ ...one, token: 'x' }], 'no field token'],
    ['a missing home', [{ id: 'vm', user: 'root' }], 'home is missing'],
    ['two of one name', [one, one], 'two instances'],
    ['an id with a slash', [{ ...one, id: '../x' }], 'id must be'],
    ['an id that is no text', [{ ...one, id: ['vm'] }], 'id must be'],
    ['a home that is not in its shortest form', [{ ...one, home: '/home/../root' }], 'home must be'],
    ['a relative home', [{ ...one, home: '.hermes' }], 'home must be'],
    ['an address elsewhere', [{ ...one, healthUrl: 'http://127.0.0.1.example.net:1/health' }], 'healthUrl must be'],
    ['a unit that is an option', [{ ...one, unit: '--all.service' }], 'unit must be'],
    ['a word for yes', [{ ...one, memoryBodies: 'true' }], 'memoryBodies must be true or false'],
    ['a user that is a number', [{ ...one, user: '0' }], 'user must be'],
    ['no list', one, 'a list'],
    ['no JSON', '[{]', 'no JSON'],
    ['one key twice', '[{"id":"a","id":"b"}]', 'no JSON'],
  ])('are refused with %s', (_what, value, why) => {
    expect(() => read(value)).toThrow(why)
  })

  it('are refused from a file that others may write, a link, or another way', () => {
    expect(() => read([one], 0o620)).toThrow('written by others')
    expect(() => read([one], 0o602)).toThrow('written by others')
    symlinkSync(file, join(base, 'link'))
    expect(() => readInstances(join(base, 'link'), self)).toThrow('ELOOP')
    expect(() => readInstances(base, self)).toThrow('ordinary file')
    expect(() => readInstances('instances.json', self)).toThrow('absolute')
    expect(() => readInstances(join(base, 'none'), self)).toThrow('ENOENT')
  })
})
