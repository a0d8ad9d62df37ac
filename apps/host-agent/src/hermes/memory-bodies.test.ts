import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { homesFolder, makeHome, pictureOf } from '@console/testkit/made-home'
import { afterAll, describe, expect, it } from 'vitest'
import { checkBodies } from './check-document.ts'
import type { Bodies } from './probe/read-bodies.ts'
import { readMemoryBodies } from './read-memory-bodies.ts'
import { seen } from './seen-look.fake.ts'
import { startMemoryProbe } from './start-probe.ts'

const base = homesFolder()
const self = { uid: null, gid: null, home: '/', ownUid: process.getuid?.() ?? 0 }
let n = 0
const fresh = (): string => {
  n += 1
  return makeHome(join(base, `home-${n}`))
}
const look = async (home: string, node = process.execPath): Promise<Bodies> => {
  const before = pictureOf(home)
  const answer = await startMemoryProbe(home, self, { withinMs: 30_000, node })
  if (typeof answer === 'string') throw new Error(answer)
  expect(pictureOf(home)).toEqual(before)
  return answer
}
const unknown = (reason: string) => ({ status: 'unknown', reason, items: [], total: 0 })
afterAll(() => rmSync(base, { recursive: true, force: true }))

describe('what an agent remembers', () => {
  it('is told word for word, entry by entry, and nothing else of the home', async () => {
    const told = await look(fresh())
    expect(told.memory.items).toEqual([
      { entry: 1, text: 'CANARY-memory one' },
      { entry: 2, text: 'Cites § 5 inside' },
      { entry: 3, text: 'three\nlines\nhere' },
    ])
    expect(told.user).toMatchObject({ status: 'up', total: 1, items: [{ entry: 1, text: 'CANARY-user' }] })
    expect(JSON.stringify(told)).not.toMatch(/CANARY-(?!memory|user)/)
  })

  it('comes without control sequences, with secrets covered and its lines kept', async () => {
    const home = fresh()
    writeFileSync(join(home, 'memories/USER.md'), 'likes \u001b[31mred\u001b[0m <b>tea</b>\npassword=CANARY-env and more')
    expect((await look(home)).user.items).toEqual([{ entry: 1, text: 'likes red <b>tea</b>\npassword=[masked] and more' }])
  })

  it('is unknown with its reason where a file is a link, too big, damaged, none, or no file at all', async () => {
    const home = fresh()
    const [memory, user] = [join(home, 'memories/MEMORY.md'), join(home, 'memories/USER.md')]
    rmSync(user)
    symlinkSync(join(home, '.env'), user)
    writeFileSync(memory, 'x'.repeat(65_537))
    expect(await look(home)).toMatchObject({ memory: unknown('too_big'), user: unknown('link') })
    rmSync(user)
    writeFileSync(memory, Buffer.from([0x41, 0xff, 0xfe, 0x42]))
    expect(await look(home)).toMatchObject({ memory: unknown('damaged'), user: unknown('not_initialised') })
    rmSync(memory)
    execFileSync('mkfifo', [memory])
    mkdirSync(user)
    expect(await startMemoryProbe(home, self)).toMatchObject({ memory: unknown('not_a_file'), user: unknown('not_a_file') })
    rmSync(memory)
    writeFileSync(memory, 'x'.repeat(65_536))
    expect((await look(home)).memory).toMatchObject({ status: 'up', total: 1 })
  })

  it('is not read out of the home, by whatever way', async () => {
    const home = fresh()
    const elsewhere = fresh()
    renameSync(join(home, 'memories'), join(home, 'kept'))
    symlinkSync(join(elsewhere, 'memories'), join(home, 'memories'))
    expect(await startMemoryProbe(home, self)).toBe('link')
    rmSync(join(home, 'memories'))
    expect(await startMemoryProbe(home, self)).toBe('not_initialised')
    symlinkSync(elsewhere, join(base, 'a-link'))
    expect(await startMemoryProbe(join(base, 'a-link'), self)).toBe('link')
    expect(await startMemoryProbe(join(base, 'nowhere'), self)).toBe('not_installed')
  })

  it('is read by a program that can read the folder of memories and nothing else of the home', async () => {
    const [node, preload] = [join(base, 'node'), join(base, 'preload.cjs')]
    const ends =
      "try { require('node:fs').readFileSync(process.argv[2] + '/../.env'); process.exit(9) } catch (error) { if (error.code !== 'ERR_ACCESS_DENIED') process.exit(8) }"
    writeFileSync(preload, ends)
    writeFileSync(node, `#!/bin/sh\nexec '${process.execPath}' --require ${preload} --allow-fs-read=${preload} "$@"\n`)
    chmodSync(node, 0o755)
    expect((await look(fresh(), node)).user.status).toBe('up')
  })

  it('is believed in one shape only', () => {
    const part = { status: 'up', source: 'file', reason: null, items: [{ entry: 1, text: 'a' }], total: 1, truncated: false, durationMs: 1 }
    const well = { v: 1, memory: part, user: part }
    expect(checkBodies(`${JSON.stringify(well)}\n`, 'timeout')).toEqual(well)
    for (const other of [
      { ...well, more: 1 },
      { ...well, v: 2 },
      { ...well, user: { ...part, items: [{ entry: 1, text: 5 }] } },
      { ...well, user: { ...part, items: [{ entry: 1, text: 'x'.repeat(65_537) }] } },
      { ...well, user: { ...part, items: Array(201).fill(part.items[0]) } },
    ])
      expect(checkBodies(`${JSON.stringify(other)}\n`, 'timeout')).toBe('bad_output')
    expect(checkBodies(`${JSON.stringify(well)}\n{}\n`, 'timeout')).toBe('bad_output')
    expect(checkBodies(JSON.stringify(well), 'timeout')).toBe('timeout')
  })
})

describe('the verb that reads it', () => {
  const uid = process.getuid?.() ?? 0
  const ask = (memoryBodies: boolean, home = fresh()) =>
    readMemoryBodies(
      { ...seen().instance, user: uid === 0 ? 'root' : (process.env.USER ?? 'nobody'), home, memoryBodies },
      { uid, now: () => new Date('2026-11-28T12:00:00.000Z') },
    )

  it('tells nothing where the host does not open it', async () => {
    await expect(ask(false)).rejects.toMatchObject({ code: 'HERMES_MEMORY_OFF', status: 403, untouched: true })
  })

  it('tells it where the host does, and why nothing is known of a home', async () => {
    expect(await ask(true)).toMatchObject({ instance: 'vm', reason: null, user: { status: 'up', total: 1 } })
    expect(await ask(true, join(base, 'nowhere'))).toMatchObject({ reason: 'not_installed', memory: null, user: null })
  })
})
