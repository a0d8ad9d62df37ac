import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canaries, homesFolder, makeHome } from '@console/testkit/made-home'
import { describeNeeding } from '@console/testkit/needs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { corpusOf, inDatabase, linkAway, type Part, wideTables } from './hostile-corpus.fake.ts'
import type { Owner } from './owner.ts'
import type { ProbeDocument } from './probe/document.ts'
import { startProbe } from './start-probe.ts'

const base = homesFolder(existsSync('/dev/shm') ? '/dev/shm' : undefined)
const outside = join(base, 'outside')
const self = { uid: null, gid: null, home: '/', ownUid: process.getuid?.() ?? 0 }
const nobody = { uid: 65_534, gid: 65_534, home: '/', ownUid: 65_534 }
const mostMs = 5_000
const mostMiB = 96
const report = join(base, 'report/peak')
const sections: readonly Part[] = ['sessions', 'cron', 'memory', 'skills', 'gateway']
let n = 0

beforeAll(() => {
  chmodSync(base, 0o755)
  makeHome(outside)
  mkdirSync(dirname(report))
  // Whoever the probe runs as notes its peak there.
  chmodSync(dirname(report), 0o777)
  for (const name of ['cron/jobs.json', 'skills/weather/SKILL.md', 'memories/MEMORY.md'])
    writeFileSync(join(outside, name), 'CANARY-outside')
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

const fresh = (): string => {
  n += 1
  return makeHome(join(base, `home-${n}`))
}

/** The probe as it is always started, in its 5 s; as its last deed it notes the most memory it held. Each file stays as it was. */
async function look(home: string, owner: Owner = self): Promise<ProbeDocument> {
  rmSync(report, { force: true })
  const before = standing(home)
  const began = performance.now()
  const told = await startProbe(home, owner, { node: noting(), withinMs: mostMs })
  expect(performance.now() - began).toBeLessThan(mostMs)
  if (typeof told === 'string') throw new Error(told)
  expect(Number(/VmHWM:\s+([0-9]+) kB/.exec(readFileSync(report, 'utf8'))?.[1]) / 1_024).toBeLessThan(mostMiB)
  expect(standing(home)).toEqual(before)
  const text = JSON.stringify(told)
  for (const canary of [...canaries, 'CANARY-outside']) expect(text).not.toContain(canary)
  return told
}

function noting(): string {
  const [node, preload] = [join(base, 'noting-node'), join(base, 'note.cjs')]
  const note = `const fs = require('node:fs'); process.on('exit', () => fs.writeFileSync('${report}', fs.readFileSync('/proc/self/status')))`
  writeFileSync(preload, note)
  const allowed = `--allow-fs-read=${preload} --allow-fs-read=/proc/self/status --allow-fs-write=${report}`
  return program(node, `exec '${process.execPath}' --require ${preload} ${allowed} "$@"`)
}

function program(path: string, text: string): string {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
  return path
}

/** Which files there are, whose they are and how they stand; what they hold is in their times. */
function standing(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('endless/'))
    .sort()
    .map((name) => {
      const { ino, uid, gid, mode, size, mtimeMs, ctimeMs } = lstatSync(join(folder, name))
      return [name, ino, uid, gid, mode, size, mtimeMs, ctimeMs]
    })
}

describe('a hostile home', () => {
  it.each(corpusOf(outside))('with %s: told so at that part, the rest is read', async (_, spoil, reasons) => {
    const home = fresh()
    spoil(home)
    expect(partsOf(await look(home))).toEqual({ ...allUp, ...reasons })
  })

  it('of 10,000 skills, 99,000 jobs, as many notes and a folder without end is told up to a bound, and says that it is cut', async () => {
    const home = fresh()
    for (let k = 0; k < 10_000; k += 1) {
      mkdirSync(join(home, `skills/s${k}`))
      writeFileSync(join(home, `skills/s${k}/SKILL.md`), `---\nname: s${k}\n---\n`)
    }
    // Much at once: each part alone stays far below the bound of memory.
    writeFileSync(join(home, 'cron/jobs.json'), `[${Array(99_000).fill('{}').join()}]`)
    writeFileSync(join(home, 'memories/MEMORY.md'), 'ab\n§\n'.repeat(149_000))
    const whole = await look(home)
    expect([whole.skills.items.length, whole.skills.truncated]).toEqual([300, true])
    expect(whole.skills.total).toBeGreaterThan(300)
    mkdirSync(join(home, 'skills/endless'))
    for (let k = 0; k < 31_000; k += 1) writeFileSync(join(home, `skills/endless/${k}-${'x'.repeat(60)}`), '')
    const { skills, disk } = await look(home)
    expect([skills.status, skills.items.length, skills.truncated, disk.cut]).toEqual(['up', 300, true, true])
  }, 60_000)

  it.each([
    ['with a log', 'PRAGMA locking_mode = EXCLUSIVE; UPDATE sessions SET title = 1; BEGIN EXCLUSIVE', true],
    ['without one', 'PRAGMA journal_mode = DELETE; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE sessions SET title = 1', false],
  ])('whose database is locked by its writer, %s, is busy there and makes nobody wait', async (_, lock) => {
    const home = fresh()
    const writer = new DatabaseSync(join(home, 'state.db'))
    writer.exec(lock)
    expect(partsOf(await look(home))).toEqual({ ...allUp, sessions: 'busy' })
    writer.exec('COMMIT')
    writer.close()
    expect(partsOf(await look(home))).toEqual(allUp)
  })

  it('with commands for terminals and pages in its texts is told in plain letters', async () => {
    const home = fresh()
    const evil = '\u001b]0;own\u0007\u001b[2J\u009b31m<script>alert(1)</script>\u202egpj\u0000\r\n'
    inDatabase(home, `UPDATE sessions SET title = ${quoted(evil)}, model = ${quoted(evil)}, source = ${quoted(evil)} WHERE id = 's1'`)
    writeFileSync(join(home, 'skills/weather/SKILL.md'), `---\nname: ${JSON.stringify(evil)}\ndescription: ${JSON.stringify(evil)}\n---\n`)
    const job = {
      id: evil,
      name: evil,
      schedule_display: evil,
      last_status: evil,
      last_error: evil,
      last_delivery_error: evil,
      deliver: evil,
    }
    writeFileSync(join(home, 'cron/jobs.json'), JSON.stringify([job]))
    writeFileSync(
      join(home, 'gateway_state.json'),
      JSON.stringify({ gateway_state: evil, platforms: { [evil]: { state: evil, error_code: evil } } }),
    )
    const told = await look(home)
    expect(partsOf(told)).toEqual(allUp)
    expect(JSON.stringify(told)).not.toMatch(/\\u00|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    expect(told.sessions.items.find(({ id }) => id === 's1')?.title).toContain('<script>alert(1)</script>')
  })

  it.each([
    ['state.db', { sessions: 'too_big' }],
    ['cron/executions.db', {}],
  ])(
    'whose %s alone would take more than its share of memory is told to be too big there',
    async (name, reasons) => {
      const home = fresh()
      inDatabase(home, wideTables, name)
      const before = standing(home)
      const told = await startProbe(home, self)
      if (typeof told === 'string') throw new Error(told)
      expect(partsOf(told)).toEqual({ ...allUp, ...reasons })
      expect(told.cron.items.map(({ runs }) => runs)).toEqual([null, null])
      expect(standing(home)).toEqual(before)
    },
    60_000,
  )
})

it('is looked at by a program that reads nothing elsewhere, writes and starts nothing, and knows nothing of who started it', async () => {
  const home = fresh()
  const [node, preload, found] = [join(base, 'trying-node'), join(base, 'try.cjs'), join(base, 'found')]
  writeFileSync(
    preload,
    `const fs = require('node:fs')
    const tried = [() => fs.readFileSync('${outside}/cron/jobs.json'), () => fs.writeFileSync('${home}/state.db-wal', ''), () => require('node:child_process').spawnSync('true'), () => new (require('node:worker_threads').Worker)('', { eval: true })]
    const codes = tried.map((act) => { try { act() } catch ({ code }) { return code } return 'done' })
    fs.writeSync(3, JSON.stringify({ codes, env: Object.keys(process.env), cwd: process.cwd() }))`,
  )
  program(node, `exec '${process.execPath}' --require ${preload} --allow-fs-read=${preload} "$@" 3>${found}`)
  process.env.CANARY_OF_AGENT = 'secret'
  const told = await startProbe(home, self, { node, withinMs: mostMs })
  delete process.env.CANARY_OF_AGENT
  expect(typeof told === 'string' ? told : partsOf(told)).toEqual(allUp)
  const { codes, env, cwd } = JSON.parse(readFileSync(found, 'utf8'))
  expect(codes).toEqual(Array(4).fill('ERR_ACCESS_DENIED'))
  // A shell adds its own.
  expect([env.filter((name: string) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort(), cwd]).toEqual([['LANG', 'PATH'], '/'])
})

describeNeeding('strace', 'a home on a slow disk', () => {
  it('is told but for its database, which is not waited for', async () => {
    const home = fresh()
    const slow = `-P ${join(home, 'state.db')} -e trace=pread64 -e inject=pread64:delay_enter=2000000`
    const node = program(join(base, 'slow'), `exec strace -f -qq -o /dev/null ${slow} '${process.execPath}' "$@"`)
    const told = await startProbe(home, self, { node, withinMs: mostMs })
    expect(typeof told === 'string' ? told : partsOf(told)).toEqual({ ...allUp, sessions: 'timeout' })
  }, 60_000)
})

describeNeeding('account', 'a home that its owner may not read', () => {
  it('is unknown for want of permission, as a whole or in part, and read where nothing of the project can be', async () => {
    const home = fresh()
    execFileSync('chown', ['-R', '65534:65534', home])
    expect(partsOf(await look(home, nobody))).toEqual(allUp)
    for (const name of ['state.db', 'cron/jobs.json', 'memories', 'skills', 'gateway_state.json', 'config.yaml'])
      chmodSync(join(home, name), 0)
    expect(partsOf(await look(home, nobody))).toEqual(Object.fromEntries(sections.map((part) => [part, 'permission'])))
    chownSync(home, 0, 0)
    chmodSync(home, 0o700)
    expect(await startProbe(home, nobody)).toBe('permission')
  })
})

describeNeeding('strace', 'what the probe opens', () => {
  it('lies below the home, or is what Node itself needs to start', async () => {
    const home = fresh()
    linkAway(join(home, 'cron/jobs.json'), join(outside, 'cron/jobs.json'))
    linkAway(join(home, 'memories'), join(outside, 'memories'))
    linkAway(join(home, 'skills/devops'), join(outside, 'skills/devops'))
    linkAway(join(home, 'skills/.usage.json'), join(outside, 'skills/.usage.json'))
    const trace = join(base, 'trace')
    const calls = 'trace=openat,read,pread64,getdents64,mmap,socket,execve,unlink,rename,mkdir'
    const node = program(join(base, 'traced'), `exec strace -f -qq -y -e ${calls} -e signal=none -o ${trace} '${process.execPath}' "$@"`)
    const told = await startProbe(home, self, { node, withinMs: 30_000 })
    expect(typeof told === 'string' ? told : partsOf(told)).toEqual({ ...allUp, cron: 'link', memory: 'outside' })
    const lines = readFileSync(trace, 'utf8').split('\n')
    const read = lines.flatMap((line) => /\b(?:read|pread64|getdents64|mmap)\(.*?\b\d+<(\/[^>]*)>/.exec(line)?.[1] ?? [])
    expect(read).toContain(join(home, 'state.db'))
    expect(read.filter((path) => path !== home && !path.startsWith(`${home}/`) && !usual.test(path))).toEqual([])
    expect(read.filter((path) => /\/(\.env|auth\.json|USER\.md)$/.test(path))).toEqual([])
    expect(
      lines.filter((line) => /O_(CREAT|WRONLY|RDWR|TRUNC)|\b(unlink|rename|mkdir|socket)\(/.test(line) && !line.includes('"/dev/null"')),
    ).toEqual([])
    expect(lines.filter((line) => line.includes('execve('))).toHaveLength(1)
  }, 60_000)
})

const allUp = { sessions: 'up', cron: 'up', memory: 'up', skills: 'up', gateway: 'up' }
/** The loader, the machine's own facts, and Node. */
const usual = /^\/((usr\/)?lib\d*|etc\/(ld\.so|ssl\/openssl\.cnf)|usr\/share\/zoneinfo|proc|sys|dev\/(null|urandom)$)|\/bin\/node$/

function partsOf(told: ProbeDocument): Record<string, string> {
  return Object.fromEntries(sections.map((part) => [part, told[part].reason ?? told[part].status]))
}

function quoted(text: string): string {
  return `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`
}
