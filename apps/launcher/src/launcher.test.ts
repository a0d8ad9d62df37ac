import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@console/testkit/daemon-harness'
import { describeNeeding } from '@console/testkit/needs'
import { consolePorts, environmentOf, launch, partPid, partPids, type RunningConsole, startConsole } from '@console/testkit/start-console'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const all = ['admin-web', 'devops-backend', 'devops-web', 'docker-proxy', 'host-agent', 'platform-service']
const nobody = 65_534
const patienceMs = 30_000
const timeoutMs = 120_000
const names = ({ dataDir }: RunningConsole): string[] => [...partPids(dataDir).keys()].sort()
const said = ({ output }: Pick<RunningConsole, 'output'>, text: RegExp) => output.some((line) => text.test(line))
const gone = (console_: RunningConsole) => until('no part is left', () => names(console_).length === 0, patienceMs)

describe('the launcher', () => {
  let console_: RunningConsole
  beforeAll(async () => {
    console_ = await startConsole()
  }, timeoutMs)
  afterAll(async () => {
    await console_?.stop()
  }, timeoutMs)

  test('a second start on the same data names the first one, whatever ports it is given', async () => {
    const second = launch({ DATA_DIR: console_.dataDir, ...environmentOf(await consolePorts()) })
    expect(await second.closed).toBe(1)
    expect(second.output.join('\n')).toContain(
      `running already: process ${console_.child.pid}, ${console_.devopsWeb}. End it with Ctrl-C there, or with: kill ${console_.child.pid}`,
    )
    expect(names(console_)).toEqual(all)
  })

  test('a port that is taken is named with who holds it, all of them at once', async () => {
    const other = mkdtempSync(join(tmpdir(), 'console-'))
    const start = launch({ DATA_DIR: other, ...environmentOf(console_.ports) })
    expect(await start.closed).toBe(1)
    const pids = partPids(console_.dataDir)
    for (const [port, part] of [
      [console_.ports.devopsWeb, 'devops-web'],
      [console_.ports.backend, 'devops-backend'],
    ] as const)
      expect(start.output.join('\n')).toMatch(
        new RegExp(`Port ${port} \\(${part}\\) is taken by \\S+ \\(process ${pids.get(part)}\\)\\. End it, or choose another port`),
      )
    rmSync(other, { recursive: true })
  })

  test(
    'a part that ends is started again, and the others go on',
    async () => {
      const before = partPids(console_.dataDir)
      process.kill(partPid(console_.dataDir, 'platform-service'), 'SIGKILL')
      await until('it is told', () => said(console_, /platform-service was ended by SIGKILL; starting it again in 250 ms/), patienceMs)
      await until('it answers again', async () => (await fetch(`${console_.platformApi}/health`).catch(() => null))?.ok, patienceMs)
      const after = partPids(console_.dataDir)
      expect(after.get('platform-service')).not.toBe(before.get('platform-service'))
      expect(names(console_)).toEqual(all)
      for (const part of all.filter((name) => name !== 'platform-service'))
        expect([part, after.get(part)]).toEqual([part, before.get(part)])
    },
    timeoutMs,
  )

  test(
    'Ctrl-C ends every part, and so does the closing of the terminal',
    async () => {
      await console_.end('SIGINT')
      expect([console_.child.exitCode, names(console_)]).toEqual([0, []])
      console_ = await console_.again()
      await console_.end('SIGHUP')
      expect([console_.child.exitCode, names(console_)]).toEqual([0, []])
    },
    timeoutMs,
  )

  test(
    'a part that cannot run leaves the others working, says why, and comes when it can',
    async () => {
      const wrong = join(console_.dataDir, 'run/docker-proxy.sock')
      writeFileSync(wrong, 'no socket')
      console_ = await console_.again()
      expect(said(console_, /docker-proxy ended with exit 1/)).toBe(true)
      expect(said(console_, /is there and is no socket\. Remove it\./)).toBe(true)
      expect((await fetch(console_.devopsWeb)).status).toBe(200)
      const admin = await console_.people.setUp(console_.setupToken)
      const part = async () =>
        ((await admin.devops.get('/parts')).body.parts as unknown as { part: string; state: string; remedy: string }[]).find(
          (one) => one.part === 'docker-proxy',
        )
      await until('its page says what to do', async () => (await part())?.state === 'away' && (await part())?.remedy, patienceMs)
      rmSync(wrong)
      await until('it is there', () => said(console_, /^docker-proxy is ready/), patienceMs)
      await until('its page says so', async () => (await part())?.state === 'up', patienceMs)
    },
    timeoutMs,
  )

  test(
    'kill -9 of the launcher leaves no part, and the next start ends what could not notice',
    async () => {
      const stopped = partPid(console_.dataDir, 'host-agent')
      process.kill(stopped, 'SIGSTOP')
      await console_.end('SIGKILL')
      console_ = await console_.again()
      expect(names(console_)).toEqual(all)
      expect(partPid(console_.dataDir, 'host-agent')).not.toBe(stopped)
      await console_.end('SIGKILL')
      await gone(console_)
      console_ = await console_.again()
      await console_.end('SIGTERM')
      expect([console_.child.exitCode, names(console_)]).toEqual([0, []])
    },
    timeoutMs,
  )
})

describe('a launcher that cannot start', () => {
  test('a port of another program is named with it, and nothing of the console stays', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'console-'))
    const ports = await consolePorts()
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(ports.adminWeb, '127.0.0.1', resolve))
    const start = launch({ DATA_DIR: dataDir, ...environmentOf(ports) })
    expect(await start.closed).toBe(1)
    expect(start.output.join('\n')).toMatch(
      new RegExp(`Port ${ports.adminWeb} \\(admin-web\\) is taken by .+ \\(process ${process.pid}\\)`),
    )
    expect([...partPids(dataDir).keys()]).toEqual([])
    await new Promise((resolve) => other.close(resolve))
    rmSync(dataDir, { recursive: true })
  })

  test('every wrong variable is told at once', async () => {
    const start = launch({ DEVOPS_WEB_PORT: 'many', BACKEND_PORT: '70000' })
    expect(await start.closed).toBe(1)
    expect(start.output.join('\n')).toContain('DEVOPS_WEB_PORT must be a port from 1 to 65535, not "many"')
    expect(start.output.join('\n')).toContain('BACKEND_PORT must be a port from 1 to 65535, not "70000"')
  })
})

describeNeeding(['docker', 'reader'], 'the launcher as an ordinary user', () => {
  test(
    'runs everything, and says what the account may not do',
    async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'console-'))
      chownSync(dataDir, nobody, nobody)
      const console_ = await startConsole(
        { HOME: dataDir },
        { dataDir, before: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'] },
      )
      try {
        expect(names(console_)).toEqual(all)
        expect(said(console_, /host-agent does not run as root, so scripts run as its own account/)).toBe(true)
        const admin = await console_.people.setUp(console_.setupToken)
        await until(
          'the engine is told to be out of reach, with what to do',
          async () => {
            const { parts } = (await admin.devops.get('/parts')).body as unknown as {
              parts: { part: string; state: string; remedy: string }[]
            }
            const engine = parts.find(({ part }) => part === 'docker-engine')
            return engine?.state === 'away' && /access to its socket \(group docker\)/.test(engine.remedy)
          },
          patienceMs,
        )
      } finally {
        await console_.stop()
      }
    },
    timeoutMs,
  )
})
