import { execFile } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAuditLog } from '../packages/audit-chain/src/log.ts'
import { makeConsole, names } from '../packages/audit-chain/src/restored-console.fake.ts'

const dir = mkdtempSync(join(tmpdir(), 'verify-audit-'))
const agent = generateKeyPairSync('ed25519').privateKey
const proxy = generateKeyPairSync('ed25519').privateKey
const keys = join(dir, 'keys')
const agentDir = join(dir, 'host-agent')
const proxyDir = join(dir, 'docker-proxy')
const segment = join(agentDir, 'host-agent-000000000001.log')
const row = { action: 'runs.start', actor: { kind: 'person', id: 'u1' }, requestId: 'r1', target: 'web', outcome: 'done' } as const

beforeAll(async () => {
  mkdirSync(keys)
  for (const [name, key] of [['host-agent', agent] as const, ['docker-proxy', proxy] as const]) {
    writeFileSync(join(keys, `${name}.jwk`), JSON.stringify(createPublicKey(key).export({ format: 'jwk' })))
  }
  const log = await openAuditLog({ dir: agentDir, name: 'host-agent', key: agent, reserveBytes: 0 })
  const other = await openAuditLog({ dir: proxyDir, name: 'docker-proxy', key: proxy, reserveBytes: 0 })
  for (let seq = 1; seq <= 10; seq += 1) {
    await log.append(row)
    if (seq === 8) await other.witness(await log.checkpoint(), { publicKey: createPublicKey(agent), requestId: 'c' })
  }
  await log.close()
  await other.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function run(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [join(import.meta.dirname, 'verify-audit.ts'), ...args], (error, out, err) =>
      done({ status: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

test('logs that hold are said to hold, with what nobody vouches for yet', async () => {
  const { status, out } = await run(agentDir, proxyDir, '--keys', keys)
  expect([status, out]).toEqual([0, expect.stringContaining('host-agent: holds: rows 1 to 10')])
  expect(out).toContain('unanchored: 2 rows (9 to 10), which no other log vouches for')
})

test('the first bad row is named, and a cut end is seen by the other log', async () => {
  const text = readFileSync(segment, 'utf8')
  writeFileSync(segment, text.replace(/("seq":4,.*?)"web"/, '$1"wob"'))
  const edited = await run(agentDir, proxyDir, '--keys', keys)
  writeFileSync(segment, text.split('\n').slice(0, 5).join('\n').concat('\n'))
  const cut = await run(agentDir, proxyDir, '--keys', keys, '--json')
  writeFileSync(segment, text)
  expect([edited.status, edited.out]).toEqual([1, expect.stringContaining('row 4: its hash does not fit what it says [edited]')])
  expect([cut.status, JSON.parse(cut.out)[0].problems[0]]).toEqual([1, expect.objectContaining({ kind: 'cut', seq: 6 })])
})

test('a pinned genesis and copies kept elsewhere are held against the log', async () => {
  const [first = ''] = readFileSync(join(agentDir, 'host-agent.checkpoints'), 'utf8').split('\n')
  const { genesis } = JSON.parse(first) as { genesis: string }
  const copies = join(dir, 'copies.ndjson')
  writeFileSync(copies, readFileSync(join(agentDir, 'host-agent.checkpoint')))
  expect(await run(agentDir, '--keys', keys, '--genesis', `host-agent=${genesis}`, '--copies', copies)).toMatchObject({
    status: 0,
    out: expect.stringContaining('unanchored: 2 rows'),
  })
  expect((await run(agentDir, '--keys', keys, '--genesis', `host-agent=${'0'.repeat(64)}`)).status).toBe(1)
})

test('a restore that all were told of is named and holds, unless it is asked for strictly', async () => {
  const made = await makeConsole()
  await made.live(3)
  const backup = made.backUp()
  await made.live(4)
  await made.exchange()
  await made.restore({ backup })
  const published = join(dir, 'published')
  mkdirSync(published)
  for (const name of names)
    writeFileSync(join(published, `${name}.jwk`), JSON.stringify(made.keys[name].publicKey.export({ format: 'jwk' })))
  const args = [...names.map(made.dirOf), '--keys', published]
  const [plain, strict, json] = [await run(...args), await run(...args, '--strict'), await run(...args, '--json')]
  await made.remove()
  expect([plain.status, strict.status, plain.out === strict.out]).toEqual([0, 1, true])
  expect(plain.out).toMatch(
    /devops-backend: holds.*\n {2}restored 2026-\S+Z, deploy\.sh, by root, from console-1\.backup \(sha256 d{64}\): it came back with 3 rows; \d+ more that were witnessed are gone \(held by host-agent; row host-1\) \[restored\]\n/,
  )
  expect(JSON.parse(json.out)[0].restored[0]).toMatchObject({ log: 'platform-service', cameBackWith: 3, backup: 'console-1.backup' })
})

test.each([
  ['no folder', [], 'verify-audit.ts DIR'],
  ['a folder without a log', ['/', '--keys', keys], 'holds no audit log'],
  ['no key', [agentDir, '--keys', dir], 'is no public key'],
  ['an unknown option', [agentDir, '--fast'], 'fast'],
  ['a pin for a log that is not there', [agentDir, '--keys', keys, '--genesis', 'other=00'], 'its genesis is pinned'],
])('%s is status 2 and said', async (_, args, message) => {
  expect(await run(...args)).toMatchObject({ status: 2, err: expect.stringContaining(message) })
})
