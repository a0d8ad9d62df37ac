import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeFs } from './audit-fs.ts'
import { aFolder, aKeyPair, aRow, openSample, segmentFiles } from './sample-log.fake.ts'
import { verifyLog } from './verifier.ts'

const { key, publicKey } = aKeyPair()
let folder: ReturnType<typeof aFolder>
beforeEach(() => {
  folder = aFolder()
})
afterEach(() => folder.remove())

/** A log of three rows as a killed program leaves it, with its room. */
async function killed(): Promise<{ path: string; bytes: Buffer; rowsEnd: number }> {
  const log = await openSample({ dir: folder.dir, key })
  for (let index = 0; index < 3; index += 1) await log.append(aRow())
  const path = segmentFiles(folder.dir)[0]?.path as string
  const bytes = readFileSync(path)
  await log.close()
  return { path, bytes, rowsEnd: bytes.lastIndexOf('\n') + 1 }
}

test('a row goes into room made ahead, which the next rows use up and the end of the log takes away', async () => {
  const log = await openSample({ dir: folder.dir, key })
  await log.append(aRow())
  const path = segmentFiles(folder.dir)[0]?.path as string
  const size = statSync(path).size
  expect(size).toBe(64 * 1024)
  for (let index = 0; index < 20; index += 1) await log.append(aRow())
  expect(statSync(path).size).toBe(size)
  await log.append(aRow({ input: { text: 'x'.repeat(7_000) } }))
  for (let index = 0; index < 10; index += 1) await log.append(aRow({ input: { text: 'x'.repeat(7_000) } }))
  expect(statSync(path).size).toBe(2 * size)
  expect(await log.verify()).toMatchObject({ ok: true, size: 32 })
  expect(await verifyLog({ dir: folder.dir, log: 'host-agent', publicKey })).toMatchObject({ ok: true, size: 32, tornBytes: 0 })
  await log.close()
  const text = readFileSync(path, 'utf8')
  expect([text.includes('\0'), text.endsWith('}\n')]).toEqual([false, true])
})

test('many rows at once make no room, since they need none', async () => {
  const log = await openSample({ dir: folder.dir, key })
  await Promise.all(Array.from({ length: 300 }, () => log.append(aRow())))
  expect(readFileSync(segmentFiles(folder.dir)[0]?.path as string).includes(0)).toBe(false)
  await log.close()
})

test('room that a kill left is no torn row, and goes before the next one', async () => {
  const { path, bytes } = await killed()
  writeFileSync(path, bytes)
  const log = await openSample({ dir: folder.dir, key })
  expect([log.head.seq, log.health().cutBytes]).toEqual([3, 0])
  await log.append(aRow())
  expect(await log.verify()).toMatchObject({ ok: true, size: 4, tornBytes: 0 })
  await log.close()
})

test('a row that was torn inside its room is cut, and told by its bytes alone', async () => {
  const { path, bytes, rowsEnd } = await killed()
  const from = bytes.lastIndexOf('\n', rowsEnd - 2) + 1
  for (let keep = 1; keep < rowsEnd - from; keep += 41) {
    writeFileSync(path, Buffer.from(bytes).fill(0, from + keep, rowsEnd))
    expect(await verifyLog({ dir: folder.dir, log: 'host-agent', publicKey })).toMatchObject({ ok: true, size: 2, tornBytes: keep })
    const log = await openSample({ dir: folder.dir, key })
    expect([log.head.seq, log.health().cutBytes]).toEqual([2, keep])
    await log.close()
  }
})

test('a whole row that is wrong is not tidied away because room follows it', async () => {
  const { path, bytes } = await killed()
  writeFileSync(path, Buffer.from(bytes.toString('latin1').replace(/"web"(?!.*"web")/s, '"wob"'), 'latin1'))
  const log = await openSample({ dir: folder.dir, key })
  await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'broken' })
  await log.close()
})

test('a row behind room is no row of the chain', async () => {
  const { path, bytes, rowsEnd } = await killed()
  const from = bytes.lastIndexOf('\n', rowsEnd - 2) + 1
  const row = bytes.subarray(from, rowsEnd)
  // Where one read of the file ends and the next begins.
  const moved = Buffer.alloc(2 * 1024 * 1024)
  bytes.copy(moved, 0, 0, from)
  row.copy(moved, 1024 * 1024)
  writeFileSync(path, moved)
  const { ok, problems } = await verifyLog({ dir: folder.dir, log: 'host-agent', publicKey })
  expect([ok, problems[0]?.kind]).toEqual([false, 'edited'])
})

test('a second writer is noticed when it wrote into room of the same size, and nothing of it is cut', async () => {
  const one = await openSample({ dir: folder.dir, key })
  await one.append(aRow())
  const path = segmentFiles(folder.dir)[0]?.path as string
  const two = await openSample({ dir: folder.dir, key })
  await two.append(aRow({ requestId: 'of the second' }))
  expect(statSync(path).size).toBe(64 * 1024)
  await expect(one.append(aRow())).rejects.toMatchObject({ trouble: 'foreign' })
  await one.close()
  expect(await two.verify()).toMatchObject({ ok: true, size: 2 })
  expect((await two.append(aRow())).seq).toBe(3)
  await two.close()
})

test('a log that another program has cut or made longer takes nothing more, and is left as it is', async () => {
  const changes = { cut: (path: string) => truncateSync(path, 100), longer: (path: string) => appendFileSync(path, 'x') }
  for (const [what, change] of Object.entries(changes)) {
    const dir = join(folder.dir, what)
    const log = await openSample({ dir, key })
    await log.append(aRow())
    const path = segmentFiles(dir)[0]?.path as string
    change(path)
    const { size } = statSync(path)
    await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'foreign' })
    await log.close()
    expect(statSync(path).size).toBe(size)
  }
})

test('a disk that has room for a row and not for more takes the row', async () => {
  let most = Number.POSITIVE_INFINITY
  const fs: typeof nodeFs = {
    ...nodeFs,
    open: async (path, how) => {
      const file = await nodeFs.open(path, how)
      return {
        ...file,
        write: async (bytes, position) => {
          const fits = Math.max(0, most - position)
          await file.write(bytes.subarray(0, fits), position)
          if (fits < bytes.length) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        },
      }
    },
  }
  const log = await openSample({ dir: folder.dir, key, fs })
  most = 2_000
  let taken = 0
  for (let refused = false; !refused; )
    await log.append(aRow()).then(
      () => (taken += 1),
      (error: unknown) => {
        expect(error).toMatchObject({ trouble: 'full' })
        refused = true
      },
    )
  expect(taken).toBeGreaterThan(3)
  most = Number.POSITIVE_INFINITY
  expect((await log.append(aRow())).seq).toBe(taken + 1)
  expect(await log.verify()).toMatchObject({ ok: true, size: taken + 1 })
  await log.close()
})
