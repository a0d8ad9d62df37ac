import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rowsOf as devopsRows, startDevops } from '../../apps/devops-backend/src/devops.fake.ts'
import { rowsOf as platformRows, startPlatform } from '../../apps/platform-service/src/platform.fake.ts'
import { root } from '../source-files.ts'

const key = 'a key of the trial that is long enough 0123'
const env = { ENCRYPTION_KEY: key }

describe('what deploy.sh does with backups', () => {
  let folder = ''
  const kept = (...names: string[]) => join(folder, 'kept', ...names)
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'told-deeds-'))
    mkdirSync(kept('docker-proxy/docker-proxy'), { recursive: true })
    for (const part of ['platform-service', 'devops-backend']) mkdirSync(kept(part))
    writeFileSync(join(folder, 'key'), key)
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
    const rows = () =>
      [platformRows(platform), devopsRows(devops)].map((all) =>
        all.filter(({ action }) => action.startsWith('console.')).map(({ action, outcome, target }) => `${action} ${outcome} ${target}`),
      )
    const stop = async () => {
      await platform.app.close()
      await devops.stop()
    }
    return { rows, stop }
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
    const restored = backups('restore', name, 'deploy.sh, by a trial')
    expect([restored.status, restored.stderr]).toEqual([0, ''])
    const third = await started()
    expect(third.rows()).toEqual([[`console.restore.run done ${name}`], [`console.restore.run done ${name}`]])
    await third.stop()
  })
})
