import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aKeyPair, aRow, openSample } from '@console/audit-chain/sample-log.fake'
import { restoreIn } from '@console/audit-chain/verifier-restores'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf as devopsRows, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'
import { rowsOf as platformRows, startPlatform } from '../../apps/platform-service/src/platform.fake.ts'
import { root } from '../source-files.ts'

const key = 'a key of the trial that is long enough 0123'
const env = { ENCRYPTION_KEY: key }

describe('what deploy.sh does with backups', () => {
  let folder = ''
  let proxyEnd = { rows: 0, head: '' }
  const kept = (...names: string[]) => join(folder, 'kept', ...names)
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'told-deeds-'))
    mkdirSync(kept('docker-proxy/docker-proxy'), { recursive: true })
    for (const part of ['platform-service', 'devops-backend']) mkdirSync(kept(part))
    writeFileSync(join(folder, 'key'), key)
    const log = await openSample({ dir: kept('docker-proxy/docker-proxy/audit'), name: 'docker-proxy', key: aKeyPair().key })
    for (const requestId of ['one', 'two']) await log.append(aRow({ requestId }))
    proxyEnd = { rows: 2, head: log.head.hash }
    await log.close()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const backups = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'packages/backups/src/main.ts'), ...args], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        KEPT_DIR: kept(),
        BACKUP_DIR: folder,
        PLATFORM_ENCRYPTION_KEY_FILE: join(folder, 'key'),
        DEVOPS_ENCRYPTION_KEY_FILE: join(folder, 'key'),
      },
    })
  /** Both services as they are at their start, and what their logs say of whole consoles. */
  const started = async () => {
    const clock = { ms: Date.now() }
    const platform = await startPlatform({}, env, { folder: kept('platform-service'), clock })
    const devops = await startDevops({ parts: [], folder: kept('devops-backend'), env })
    const logs = () => [platformRows(platform), devopsRows(devops)] as const
    const rows = () =>
      logs().map((all) =>
        all.filter(({ action }) => action.startsWith('console.')).map(({ action, outcome, target }) => `${action} ${outcome} ${target}`),
      )
    const stop = async () => {
      await platform.app.close()
      await devops.stop()
    }
    return { logs, rows, stop }
  }

  it('stands in the logs of both services, also when it was done while they were away', async () => {
    const first = await started()
    const made = backups('make', 'deploy.sh, by a trial, on demand', '3')
    expect([made.status, made.stderr]).toEqual([0, ''])
    const name = /made (console-\S+):/.exec(made.stdout)?.[1] ?? ''
    await first.stop()

    rmSync(kept('docker-proxy/docker-proxy'), { recursive: true })
    expect(backups('make', 'deploy.sh, by a trial, on demand', '3').status).toBe(1)
    const second = await started()
    const [platform = [], devops] = second.rows()
    expect(platform).toEqual([`console.backup.make done ${name}`, expect.stringMatching(/^console\.backup\.make failed console-/)])
    expect(devops).toEqual(platform)
    await second.stop()

    renameSync(kept(), join(folder, 'before'))
    const restored = backups('restore', name, 'deploy.sh, by a trial', 'here')
    expect([restored.status, restored.stderr]).toEqual([0, ''])
    // host-agent, whose log stays, and docker-proxy are told the same.
    const waiting = [join(folder, 'told'), kept('docker-proxy/docker-proxy/told')].map((place) =>
      readdirSync(place).map((file) => readFileSync(join(place, file), 'utf8')),
    )
    expect(waiting[0]).toEqual(waiting[1])
    const third = await started()
    expect(third.rows()).toEqual([[`console.restore.run done ${name}`], [`console.restore.run done ${name}`]])
    const [platformLog, devopsLog] = third.logs()
    const [one, other] = [platformLog, devopsLog].map((all) => all.flatMap((row) => restoreIn(row) ?? []))
    expect(one?.map(({ said }) => said)).toEqual(other?.map(({ said }) => said))
    const { sha256, hostAgent, logs = {}, by } = one?.[0]?.restore ?? {}
    const kept256 = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex')
    expect([sha256, hostAgent, by, logs['docker-proxy']]).toEqual([kept256, 'here', 'deploy.sh, by a trial', proxyEnd])
    for (const [part, all] of [['platform-service', platformLog] as const, ['devops-backend', devopsLog] as const]) {
      const { rows: count = 0, head } = logs[part] ?? {}
      const telling = all.find(({ action }) => action === 'console.restore.run') as unknown as { seq: number; prev: string }
      expect([part, telling.seq, telling.prev]).toEqual([part, count + 1, head])
    }
    await third.stop()
  })
})
