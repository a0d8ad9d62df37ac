import { spawn } from 'node:child_process'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'

const { key } = aKeyPair()
let folder: ReturnType<typeof aFolder>
beforeEach(() => {
  folder = aFolder()
})
afterEach(() => folder.remove())

async function threeRows(): Promise<{ dir: string; path: string; bytes: Buffer; goodBytes: number }> {
  const dir = join(folder.dir, 'log')
  const log = await openSample({ dir, key })
  for (let index = 0; index < 3; index += 1) await log.append(aRow({ input: { text: 'é\n' } }))
  await log.close()
  const path = segmentFiles(dir)[0]?.path as string
  const bytes = readFileSync(path)
  return { dir, path, bytes, goodBytes: bytes.lastIndexOf('\n', bytes.length - 2) + 1 }
}

test('a last line torn at any byte is cut, and the log goes on', async () => {
  const { dir, path, bytes, goodBytes } = await threeRows()
  for (let size = goodBytes; size < bytes.length; size += 1) {
    writeFileSync(path, bytes)
    truncateSync(path, size)
    const log = await openSample({ dir, key })
    expect([log.head.seq, log.health().cutBytes]).toEqual([2, size - goodBytes])
    await log.append(aRow())
    expect(await log.verify()).toMatchObject({ ok: true, size: 3, tornBytes: 0 })
    await log.close()
  }
})

test.each(['to its end', 'but for its end'])('a last line of which a power cut left zeros %s is cut', async (how) => {
  const { dir, path, bytes, goodBytes } = await threeRows()
  for (let from = goodBytes; from < bytes.length - 1; from += 37) {
    writeFileSync(path, Buffer.from(bytes).fill(0, from, how === 'to its end' ? bytes.length : bytes.length - 1))
    const log = await openSample({ dir, key })
    expect(log.head.seq).toBe(2)
    await log.close()
    expect(readFileSync(path).length).toBe(goodBytes)
  }
})

test('a whole last line that is wrong is not tidied away', async () => {
  const { dir, path, bytes } = await threeRows()
  writeFileSync(path, Buffer.from(bytes.toString('latin1').replace(/"web"(?!.*"web")/s, '"wob"'), 'latin1'))
  const log = await openSample({ dir, key })
  await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'broken' })
  await log.close()
})

test.each(['empty', 'missing'])(
  'a crash between sealing a segment and the first row of the next, whose file is %s, leaves a log that goes on',
  async (state) => {
    const dir = join(folder.dir, 'log')
    const log = await openSample({ dir, key, segmentBytes: 500 })
    for (let index = 0; index < 3; index += 1) await log.append(aRow())
    await log.close()
    const last = join(dir, 'host-agent-000000000003.log')
    expect(segmentFiles(dir).at(-1)?.path).toBe(last)
    if (state === 'empty') writeFileSync(last, '')
    else rmSync(last)
    const again = await openSample({ dir, key, segmentBytes: 500 })
    expect((await again.append(aRow())).seq).toBe(3)
    expect(await again.verify()).toMatchObject({ ok: true, size: 3 })
    await again.close()
  },
)

test('killed at random moments, ten times, no row that was told to be on record is lost', async () => {
  const dir = join(folder.dir, 'log')
  const pem = key.export({ format: 'pem', type: 'pkcs8' }) as string
  let acknowledged = 0
  for (let round = 0; round < 10; round += 1) {
    acknowledged = Math.max(acknowledged, await appendAndKill(dir, pem, 1 + Math.floor(Math.random() * 60)))
    const log = await openSample({ dir, key, segmentBytes: 4000 })
    expect(log.head.seq).toBeGreaterThanOrEqual(acknowledged)
    expect(await log.verify()).toMatchObject({ ok: true, size: log.head.seq, firstSeq: 1 })
    const closed = await log.closeStaleIntents()
    expect(closed.every((row) => row.outcome === 'unknown')).toBe(true)
    expect(log.pendingIntents()).toEqual([])
    acknowledged = log.head.seq
    await log.close()
  }
}, 60_000)

/** Lets the program append until it has told of so many batches, kills it at once, and answers the highest seq that it told. */
function appendAndKill(dir: string, pem: string, batches: number): Promise<number> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'append-forever.fake.ts'), dir, pem], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    child.stdout.on('data', (bytes: Buffer) => {
      told += bytes.toString()
      if (told.split('\n').length > batches * 5) child.kill('SIGKILL')
    })
    child.on('error', failed)
    child.on('close', () => done(Number(told.split('\n').slice(0, -1).at(-1) ?? 0)))
  })
}
