import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Row } from '@console/audit-chain/log'
import { all, type Lines, put, rechain, sealAnew } from '@console/audit-chain/tamper.fake'
import { type LogFolder, type VerifyResult, verifyLogs } from '@console/audit-chain/verifier'
import { attackCase } from '@console/testkit/attack'
import { until } from '@console/testkit/daemon-harness'
import { reportFigure, rounds } from '@console/testkit/deep'
import { type PartName, type RunningParts, startParts } from '@console/testkit/running-parts'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createConfirming } from './confirming.ts'

const folders: Record<PartName, string> = {
  'host-agent': 'host-agent',
  'docker-proxy': 'docker-proxy',
  'platform-service': 'platform',
  'devops-backend': 'devops',
}
const names = Object.keys(folders) as PartName[]
const perClass = rounds({ test: 1, deep: 60 })
const firstAt = 2
const edited = (line: string): string => line.replace(/"requestId":"./, (text) => `${text.slice(0, -1)}${text.endsWith('x') ? 'y' : 'x'}`)

/** The nine classes: what anybody can do who may write the files, and what needs a chain made anew. */
const classes: Readonly<Record<string, (lines: Lines, at: number) => Lines>> = {
  'a row edited': (lines, at) => lines.with(at - 1, edited(lines[at - 1] ?? '')),
  'a row deleted': (lines, at) => lines.toSpliced(at - 1, 1),
  'two rows swapped': (lines, at) => lines.with(at - 1, lines[at] ?? '').with(at, lines[at - 1] ?? ''),
  'a row inserted': (lines, at) => lines.toSpliced(at - 1, 0, lines[at - 2] ?? ''),
  'the last rows cut': (lines, at) => lines.slice(0, at),
  'everything replaced by a fresh log': (lines, at) => rechain(lines.slice(0, -1), 1, at.toString(16).padStart(64, 'f')),
  'a row edited, the rest chained anew': (lines, at) => rechain(lines.with(at - 1, edited(lines[at - 1] ?? '')), at),
  'a row deleted, the rest numbered and chained anew': (lines, at) => rechain(lines.toSpliced(at - 1, 1), at),
  'the last rows cut and others put in their place': (lines, at) =>
    rechain([...lines.slice(0, at), ...lines.slice(0, lines.length - at)], at + 1),
}

describe('the logs of the four parts as they were written', () => {
  let parts: RunningParts
  let copies: string
  let key: KeyObject
  let anchored = 0
  let count = 0
  beforeAll(async () => {
    copies = mkdtempSync(join(homedir(), '.audit-copies-'))
    parts = await startParts({ parts: names })
    parts.writeScript('hello', 'echo hello')
    const desk = createConfirming(parts, 'hello')
    for (let n = 0; n < 35; n += 1) await desk.works()
    const size = parts.rows('host-agent').length
    // The carrier goes round once when it starts: all three others then vouch for these rows.
    await parts.running.get('devops-backend')?.stop()
    await parts.start('devops-backend')
    const vouched = (part: PartName): number =>
      Math.max(
        0,
        ...parts
          .rows(part)
          .map(({ details }) => details?.checkpoint as { log: string; size: number } | undefined)
          .flatMap((checkpoint) => (checkpoint?.log === 'host-agent' ? checkpoint.size : [])),
      )
    const others = names.filter((name) => name !== 'host-agent')
    await until('all three vouch', () => others.every((part) => vouched(part) >= size), 45_000)
    await Promise.all([...parts.running.values()].map((program) => program.stop()))
    anchored = Math.min(...others.map(vouched))
    key = createPrivateKey(readFileSync(join(parts.folder, 'host-agent/key.pem')))
  }, 150_000)
  afterAll(async () => {
    await parts?.stop()
    rmSync(copies, { recursive: true, force: true })
  })

  const publicKeyOf = (log: PartName): KeyObject =>
    createPublicKey({ key: JSON.parse(readFileSync(join(parts.keysDir, `${log}.jwk`), 'utf8')), format: 'jwk' })
  const auditOf = (log: PartName): string => join(parts.folder, folders[log], 'audit')
  /** The verdict on a copy of host-agent's log beside the three others as they are. */
  const verdictOn = async (dir: string): Promise<VerifyResult> => {
    const logs: LogFolder[] = names.map((log) => ({ dir: log === 'host-agent' ? dir : auditOf(log), log, publicKey: publicKeyOf(log) }))
    const results = await verifyLogs(logs)
    rmSync(dir, { recursive: true, force: true })
    return results[0] as VerifyResult
  }
  const copy = (): string => {
    count += 1
    const dir = join(copies, String(count))
    cpSync(auditOf('host-agent'), dir, { recursive: true, filter: (path) => !path.endsWith('.reserve') })
    return dir
  }
  const spoilt = (change: (lines: Lines, at: number) => Lines, at: number): string => {
    const dir = copy()
    put(dir, change(all(dir), at))
    return dir
  }
  const untouched = async () => expect(await verdictOn(copy())).toMatchObject({ ok: true, problems: [], anchoredTo: anchored })

  for (const [id, title, withKey] of [
    ['U7', 'nine ways of tampering with a log that really ran', false],
    ['U8', 'the same nine by who holds the key of that part', true],
  ] as const)
    attackCase(
      id,
      title,
      async (it) => {
        const tried = Object.keys(classes).length * perClass
        const missed: string[] = []
        const named: (number | undefined)[] = []
        await it.attack('each at as many places', async () => {
          expect(anchored - firstAt).toBeGreaterThan(61)
          for (const [what, change] of Object.entries(classes))
            for (let n = 0; n < perClass; n += 1) {
              const at = perClass === 1 ? 30 : firstAt + n
              const dir = spoilt(change, at)
              if (withKey) sealAnew(dir, key)
              const verdict = await verdictOn(dir)
              if (verdict.ok) missed.push(`${what} at ${at}`)
              named.push(verdict.problems[0]?.seq)
            }
          expect(missed).toEqual([])
        })
        reportFigure(
          withKey ? 'by the holder of the key: caught' : 'by who may write the files: caught',
          `${tried - missed.length} of ${tried}`,
        )
        await it.control('the same log untouched', untouched)
        await it.row('each verdict names the first row that does not hold', () => {
          expect(named).toHaveLength(tried)
          expect(named.filter((seq) => seq === undefined || seq < 1 || seq > anchored + 1)).toEqual([])
        })
      },
      600_000,
    )

  attackCase('U9', 'the folder of one part set back to an earlier state', async (it) => {
    const earlier = (): string => {
      const dir = spoilt((lines) => lines.slice(0, 40), 0)
      sealAnew(dir, key)
      return dir
    }
    await it.attack('a state that was good once, sealed with the right key', async () => {
      const alone = await verifyLogs([{ dir: earlier(), log: 'host-agent', publicKey: publicKeyOf('host-agent') }])
      expect(alone[0]).toMatchObject({ ok: true, size: 40 })
      expect(await verdictOn(earlier())).toMatchObject({ ok: false, problems: Array(3).fill({ kind: 'cut', seq: 41 }) })
    })
    await it.control('the state that it has', untouched)
    await it.row('the rows that are gone were real ones', () => {
      const last = JSON.parse(all(auditOf('host-agent'))[39] ?? '') as Row
      expect(last).toMatchObject({ seq: 40, log: 'host-agent' })
    })
  })
})
