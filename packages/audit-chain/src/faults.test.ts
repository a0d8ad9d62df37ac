import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNeeding } from '@console/testkit/needs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuditFs, nodeFs } from './audit-fs.ts'
import { openAuditLog } from './log.ts'
import { aFolder, aKeyPair, aRow, openSample } from './sample-log.fake.ts'

const { key } = aKeyPair()
let folder: ReturnType<typeof aFolder>
beforeEach(() => {
  folder = aFolder()
})
afterEach(() => folder.remove())

type Step = { readonly name: string; readonly path: string }

/** The real file system, with a say before each step: an error code makes the step fail; a failing write has written half. */
function fsWith(decide: (step: Step) => string | undefined): AuditFs {
  const ask = (name: string, path: string) => {
    const code = decide({ name, path })
    return code === undefined ? undefined : Object.assign(new Error(`${code}: ${name} ${path}`), { code })
  }
  const guard = (name: string, path: string) => {
    const error = ask(name, path)
    if (error !== undefined) throw error
  }
  const guarded =
    <A extends readonly [string, ...unknown[]], R>(name: string, step: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      guard(name, args[0])
      return step(...args)
    }
  return {
    makeFolder: guarded('makeFolder', nodeFs.makeFolder),
    list: guarded('list', nodeFs.list),
    read: guarded('read', nodeFs.read),
    size: guarded('size', nodeFs.size),
    rename: guarded('rename', nodeFs.rename),
    remove: guarded('remove', nodeFs.remove),
    syncFolder: guarded('syncFolder', nodeFs.syncFolder),
    freeBytes: guarded('freeBytes', nodeFs.freeBytes),
    open: async (path, how) => {
      guard('open', path)
      const file = await nodeFs.open(path, how)
      return {
        ...file,
        write: async (bytes, position) => {
          const error = ask('write', path)
          await file.write(error === undefined ? bytes : bytes.subarray(0, bytes.length / 2), position)
          if (error !== undefined) throw error
        },
        datasync: async () => {
          guard('datasync', path)
          await file.datasync()
        },
        truncate: async (size) => {
          guard('truncate', path)
          await file.truncate(size)
        },
      }
    },
  }
}

test('whichever single step fails, what was told to be on record is, nothing else is, and the log recovers', async () => {
  const work = async (dir: string, which: number): Promise<{ steps: number; failed: boolean }> => {
    let failAt = which
    let steps = 0
    const fs = fsWith(() => {
      steps += 1
      return steps === failAt ? 'EIO' : undefined
    })
    const log = await openSample({ dir, key, fs, segmentBytes: 900 })
    const recorded: string[] = []
    let failed = false
    // The last rounds come after every failure, so that recovery is seen.
    for (let index = 0; index < 14; index += 1) {
      if (index === 12) failAt = 0
      const settled = await Promise.allSettled(['a', 'b'].map((part) => log.append(aRow({ requestId: `${index}${part}` }))))
      for (const one of settled) {
        if (one.status === 'fulfilled') recorded.push(one.value.requestId)
        else {
          failed = true
          expect(one.reason).toMatchObject({ code: 'AUDIT_UNAVAILABLE', trouble: 'io' })
        }
      }
    }
    expect(log.health().ok).toBe(true)
    expect((await log.read({ limit: 1000 })).rows.map((row) => row.requestId)).toEqual(recorded)
    expect(await log.verify()).toMatchObject({ ok: true, size: recorded.length })
    await log.close()
    const again = await openSample({ dir, key, segmentBytes: 900 })
    expect(again.head.seq).toBe(recorded.length)
    await again.close()
    return { steps, failed }
  }
  const { steps } = await work(join(folder.dir, 'none'), 0)
  expect(steps).toBeGreaterThan(50)
  let failures = 0
  for (let failAt = 1; failAt <= steps; failAt += 1) if ((await work(join(folder.dir, String(failAt)), failAt)).failed) failures += 1
  expect(failures).toBeGreaterThan(25)
}, 120_000)

test('after a failed sync that could not be undone either, the leftovers go before the next row comes', async () => {
  let broken = false
  const log = await openSample({
    dir: folder.dir,
    key,
    fs: fsWith(({ name }) => (broken && ['datasync', 'truncate'].includes(name) ? 'EIO' : undefined)),
  })
  await log.append(aRow())
  broken = true
  await expect(log.append(aRow({ requestId: 'lost' }))).rejects.toMatchObject({ trouble: 'io' })
  await expect(log.append(aRow({ requestId: 'lost too' }))).rejects.toMatchObject({ trouble: 'io' })
  expect(log.health()).toMatchObject({ ok: false })
  expect((await log.read()).rows).toHaveLength(1)
  broken = false
  await log.append(aRow({ requestId: 'next' }))
  expect(log.health()).toMatchObject({ ok: true })
  expect(await log.verify()).toMatchObject({ ok: true, size: 2 })
  await log.close()
})

test('a log whose folder is read-only opens, refuses rows, can be read, and takes rows once it can be written', async () => {
  const first = await openSample({ dir: folder.dir, key })
  await first.append(aRow())
  await first.close()
  let readOnly = true
  const log = await openSample({
    dir: folder.dir,
    key,
    fs: fsWith(({ name }) => (readOnly && name === 'open' ? 'EROFS' : undefined)),
  })
  await expect(log.append(aRow())).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    trouble: 'io',
    message: expect.stringContaining('EROFS') as string,
  })
  expect(log.health().ok).toBe(false)
  readOnly = false
  await log.append(aRow())
  expect((await log.read()).rows).toHaveLength(2)
  await log.close()
})

test('on a full disk only essential rows and outcomes are taken, from the reserve, until there is room again', async () => {
  let full = false
  let reserveHeld = false
  const fs: AuditFs = {
    ...fsWith(({ name, path }) => {
      if (path.endsWith('.reserve')) {
        if (name === 'remove') reserveHeld = false
        if (name === 'write') reserveHeld = true
        return full && name === 'write' ? 'ENOSPC' : undefined
      }
      return full && reserveHeld && name === 'write' ? 'ENOSPC' : undefined
    }),
    freeBytes: async () => (full ? 0 : 1e12),
  }
  const log = await openAuditLog({ dir: folder.dir, name: 'host-agent', key, fs, reserveBytes: 100_000 })
  const intent = await log.append(aRow({ outcome: 'started' }))
  while (log.health().reserve === 'filling') await new Promise((done) => setImmediate(done))
  full = true
  await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'full' })
  expect(log.health()).toMatchObject({ ok: false, reserve: 'ready' })

  const [essential, other] = await Promise.allSettled([log.append(aRow({ target: 'cleanup' }), { essential: true }), log.append(aRow())])
  expect([essential.status, other.status]).toEqual(['fulfilled', 'rejected'])
  expect(log.health()).toMatchObject({ ok: false, reserve: 'given' })
  await log.append(aRow({ of: intent.seq }))
  await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'full' })
  expect((await log.read()).rows.map((row) => row.seq)).toEqual([1, 2, 3])

  full = false
  await log.append(aRow())
  expect(log.health()).toMatchObject({ ok: true, reserve: 'ready' })
  expect(await log.verify()).toMatchObject({ ok: true, size: 4 })
  await log.close()
})

test('a log that begins on a full disk takes essential rows only', async () => {
  const fs = {
    ...fsWith(({ name, path }) => (path.endsWith('.reserve') && name === 'write' ? 'ENOSPC' : undefined)),
    freeBytes: async () => 0,
  }
  const log = await openAuditLog({ dir: folder.dir, name: 'host-agent', key, fs, reserveBytes: 100_000 })
  while (log.health().reserve === 'filling') await new Promise((done) => setImmediate(done))
  await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'full' })
  await log.append(aRow(), { essential: true })
  await log.close()
})

test('the reserve is given up for an essential row before the disk refuses one, so that what the row is about has room', async () => {
  let free = 100_000_000
  const fs = { ...nodeFs, freeBytes: async () => free }
  const log = await openAuditLog({ dir: folder.dir, name: 'host-agent', key, fs, reserveBytes: 100_000 })
  while (log.health().reserve !== 'ready') await new Promise((done) => setImmediate(done))
  await log.append(aRow(), { essential: true })
  expect(log.health().reserve).toBe('ready')
  free = 5_000
  await log.append(aRow(), { essential: true })
  expect(log.health().reserve).toBe('given')
  await log.close()
})

test('where nothing but the reserve is left, what is not essential is refused, though a row of it would still fit', async () => {
  let free = 100_000_000
  const fs = { ...nodeFs, freeBytes: async () => free }
  const log = await openAuditLog({ dir: folder.dir, name: 'host-agent', key, fs, reserveBytes: 100_000 })
  while (log.health().reserve !== 'ready') await new Promise((done) => setImmediate(done))
  const intent = await log.append(aRow({ outcome: 'started' }))
  free = 5_000
  await expect(log.append(aRow())).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', trouble: 'full' })
  expect(log.health()).toMatchObject({ ok: false, reserve: 'ready' })
  free = 100_000_000
  await log.append(aRow())
  expect(log.health()).toMatchObject({ ok: true, reserve: 'ready' })
  free = 5_000
  // What was let happen before is recorded all the same.
  await log.append(aRow({ of: intent.seq }))
  expect((await log.read()).rows.map((row) => row.seq)).toEqual([1, 2, 3])
  await log.close()
})

describeNeeding('root', 'on a small file system of its own', () => {
  let mount: string
  beforeEach(() => {
    mount = join(folder.dir, 'mount')
    mkdirSync(mount)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', mount])
  })
  afterEach(() => {
    execFileSync('umount', [mount])
  })

  /** Leaves less room than one row. */
  function fillUp(): void {
    for (const size of [1 << 20, 4096]) {
      for (let index = 0; ; index += 1) {
        try {
          writeFileSync(join(mount, `ballast-${size}-${index}`), Buffer.alloc(size))
        } catch {
          break
        }
      }
    }
  }

  test('a full disk is met from the reserve, and left again when room is made', async () => {
    const dir = join(mount, 'audit')
    const log = await openAuditLog({ dir, name: 'host-agent', key, reserveBytes: 2 << 20 })
    while (log.health().reserve !== 'ready') await new Promise((done) => setImmediate(done))
    fillUp()
    let taken = 0
    let refused: unknown
    while (refused === undefined && taken < 200)
      await log.append(aRow()).then(
        () => (taken += 1),
        (error: unknown) => (refused = error),
      )
    expect(refused).toMatchObject({ code: 'AUDIT_UNAVAILABLE', trouble: 'full' })
    for (let index = 0; index < 50; index += 1) await log.append(aRow({ target: 'cleanup' }), { essential: true })
    await expect(log.append(aRow())).rejects.toMatchObject({ trouble: 'full' })
    expect(await log.verify()).toMatchObject({ ok: true, size: taken + 50 })

    execFileSync('sh', ['-c', `rm -f ${mount}/ballast-*`])
    await log.append(aRow())
    expect(log.health()).toMatchObject({ ok: true, reserve: 'ready' })
    await log.close()
  })

  test('a read-only remount refuses rows and nothing else, and passes', async () => {
    const dir = join(mount, 'audit')
    const log = await openSample({ dir, key })
    await log.append(aRow())
    await log.close()
    execFileSync('mount', ['-o', 'remount,ro', mount])
    const again = await openSample({ dir, key })
    await expect(again.append(aRow())).rejects.toMatchObject({ trouble: 'io' })
    expect((await again.read()).rows).toHaveLength(1)
    expect(await again.verify()).toMatchObject({ ok: true, size: 1 })
    execFileSync('mount', ['-o', 'remount,rw', mount])
    expect((await again.append(aRow())).seq).toBe(2)
    await again.close()
    rmSync(dir, { recursive: true })
  })
})
