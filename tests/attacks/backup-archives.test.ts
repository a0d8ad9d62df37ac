import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { attackCase } from '@console/testkit/attack'
import { reportFigure, rounds } from '@console/testkit/deep'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { docLine, fileLine, hostileMaker, manifestOf } from '../../packages/backups/src/hostile-backup.fake.ts'

const root = join(import.meta.dirname, '../..')
/** The program with its options, as the container runs it. */
const program = (
  /entrypoint: \[node, ([^\]]*packages\/backups\/src\/main\.ts)\]/.exec(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8'))?.[1] ?? ''
).split(', ')
const lock = { by: 'key', secret: 'a key of the trial that is long enough 0123' } as const
/** The container in which backups are restored has 256. */
const mostMiB = 200
/** As written by the program itself when it ends. */
const peak = `data:text/javascript,import{readFileSync,writeFileSync}from"node:fs";process.on("exit",()=>writeFileSync(process.env.PEAK_FILE,readFileSync("/proc/self/status")))`

describe('a hostile backup at full size, and the program that restores it', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'backup-archives-'))
    mkdirSync(join(folder, 'kept/platform-service'), { recursive: true })
    writeFileSync(join(folder, 'key'), lock.secret)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const maker = () => hostileMaker(folder, lock)
  /** What lies below the folders of the parts: nothing may come there from a backup that is refused. */
  const kept = () => readdirSync(join(folder, 'kept'), { recursive: true }).map(String).sort()
  const restore = (file: string, key = 'key') => {
    const env = {
      PATH: process.env.PATH,
      KEPT_DIR: join(folder, 'kept'),
      BACKUP_DIR: folder,
      PLATFORM_ENCRYPTION_KEY_FILE: join(folder, key),
      PEAK_FILE: join(folder, 'peak'),
    }
    const started = Date.now()
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', peak, ...program, 'restore', basename(file)], {
      env,
      cwd: root,
      encoding: 'utf8',
    })
    const peakMiB = Number(/VmHWM:\s+([0-9]+) kB/.exec(readFileSync(join(folder, 'peak'), 'utf8'))?.[1]) / 1_024
    return { status, said: `${stdout}${stderr}`, peakMiB, tookMs: Date.now() - started }
  }
  const expectRefused = (file: string, why: RegExp, key?: string) => {
    const outcome = restore(file, key)
    expect(outcome).toMatchObject({ status: 3, said: expect.stringMatching(why) })
    expect(outcome.peakMiB).toBeLessThan(mostMiB)
    expect(kept()).toEqual(['platform-service'])
    return outcome
  }
  const segment = (number: number) => `audit/platform-service-${String(number).padStart(12, '0')}.log`
  /** The same lines again and again, each time packed by themselves: ten gigabytes are made as fast as one hundredth of them. */
  const bomb = (lines: readonly string[], times: number) => {
    const once = gzipSync(Buffer.from(lines.map((line) => `${line}\n`).join('')), { level: 9 })
    return maker().sealBytes(Array.from({ length: times }, () => once))
  }

  attackCase(
    'X15',
    'comes to far more than it says, or holds a hundred thousand things',
    async ({ attack, control, row }) => {
      const gigabytes = rounds({ test: 1, deep: 10 })
      await attack(`${gigabytes} gigabytes of zeros`, async () => {
        const zeros = Array.from({ length: 150 }, () => fileLine(segment(1), Buffer.alloc(524_288).toString('base64')))
        const file = await bomb(zeros, gigabytes * 10)
        expect(statSync(file).size * 1_000).toBeGreaterThan(gigabytes * 2 ** 30)
        const { peakMiB, tookMs } = expectRefused(file, /comes to more than \d+ bytes/)
        reportFigure(`${gigabytes} gigabytes from as many megabytes: refused after ms, at MiB`, `${tookMs}, ${Math.round(peakMiB)}`)
      })
      await attack('ten megabytes from ten kilobytes, in one line', async () => {
        expectRefused(await bomb([`{"doc":"${'x'.repeat(10_000_000)}"}`], 1), /a line that is longer than any can be/)
      })
      await attack('a hundred thousand files', async () => {
        const files = Array.from({ length: 100_000 }, (_, index) => fileLine(segment(index + 1), ''))
        expectRefused(await maker().sealed(files, manifestOf([])), /more than 10000 files/)
      })
      await attack('a hundred thousand documents, and one of them twice', async () => {
        const docs = Array.from({ length: 100_000 }, (_, index) => docLine(`d${1_000_000 + index}`))
        expectRefused(await maker().sealed([...docs, docs.at(-1) ?? ''], manifestOf(docs)), /twice, or out of order/)
      })
      const whole = await maker().sealed([docLine('a')], manifestOf([docLine('a')]))
      await attack('a file that is none', () => {
        const [link, pipe, device, sparse] = ['link', 'pipe', 'device', 'sparse'].map((name) => join(folder, `${name}.backup`))
        symlinkSync(whole, String(link))
        execFileSync('mkfifo', [String(pipe)])
        symlinkSync('/dev/zero', String(device))
        mkdirSync(join(folder, 'folder.backup'))
        for (const file of [link, pipe, device, join(folder, 'folder.backup')]) expectRefused(String(file), /cannot be read|is no file/)
        writeFileSync(String(sparse), readFileSync(whole))
        truncateSync(String(sparse), 2 ** 40)
        expectRefused(String(sparse), /damaged or cut off/)
      })
      await attack('another console’s', () => {
        writeFileSync(join(folder, 'other'), 'another key of the trial, long enough 0123')
        expectRefused(whole, /needs its ENCRYPTION_KEY [0-9a-f]{16}; the one that is set here is another/, 'other')
      })
      await control('a hundred thousand documents that are whole', async () => {
        const docs = Array.from({ length: rounds({ test: 20_000, deep: 100_000 }) }, (_, index) => docLine(`d${1_000_000 + index}`))
        const { status, said, peakMiB } = restore(await maker().sealed(docs, manifestOf(docs)))
        expect([status, said]).toEqual([0, expect.stringContaining(`pf_users: ${docs.length} documents`)])
        expect(peakMiB).toBeLessThan(mostMiB)
      })
      await row('it came where it belongs, for its owner alone', () => {
        const told = /^platform-service\/platform\/told\/host-[0-9a-f-]+\.json$/
        expect(kept()).toEqual([
          'platform-service',
          'platform-service/platform',
          'platform-service/platform/store.db',
          'platform-service/platform/told',
          expect.stringMatching(told),
        ])
        expect(statSync(join(folder, 'kept/platform-service/platform')).mode & 0o7777).toBe(0o700)
      })
    },
    120_000,
  )
})
