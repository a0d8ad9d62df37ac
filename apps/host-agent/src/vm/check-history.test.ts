import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openCheckHistory } from './check-history.ts'

const dir = mkdtempSync(join(tmpdir(), 'check-history-'))
const file = join(dir, 'checks.json')
const at = (minute: number): string => `2026-11-28T12:0${minute}:00.000Z`
const disk = (status: string) => [{ id: 'disk:/', status }]
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('remembers since when a check comes out as it does, also over a restart', () => {
  const troubles: string[] = []
  const open = () => openCheckHistory(file, (msg) => troubles.push(msg))
  const first = open()
  expect(first.take(disk('ok'), at(1))).toEqual([{ id: 'disk:/', status: 'ok', since: at(1) }])
  expect(first.take(disk('ok'), at(2))[0]?.since).toBe(at(1))
  expect(first.take(disk('fail'), at(3))[0]?.since).toBe(at(3))
  expect(open().take(disk('fail'), at(4))[0]?.since).toBe(at(3))
  expect(open().take([], at(5))).toEqual([])
  expect(open().take(disk('fail'), at(6))[0]?.since).toBe(at(6))
  // A clock that was set back says nothing about how long.
  expect(open().take(disk('fail'), at(2))[0]?.since).toBe(at(2))
  expect(troubles).toEqual([])
})

it('begins anew where its file is no history, and goes on where it cannot be written', () => {
  writeFileSync(file, '{"x":')
  expect(openCheckHistory(file, () => undefined).take(disk('ok'), at(1))[0]?.since).toBe(at(1))
  const troubles: string[] = []
  const lost = openCheckHistory(join(dir, 'gone', 'checks.json'), (msg) => troubles.push(msg))
  lost.take(disk('ok'), at(1))
  expect(lost.take(disk('ok'), at(2))[0]?.since).toBe(at(1))
  expect(troubles.length).toBe(1)
})
