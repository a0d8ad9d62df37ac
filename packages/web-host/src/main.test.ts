import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { aSite, get } from './sample-site.fake.ts'

const site = aSite()
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => site.remove())

type Line = {
  readonly level: string
  readonly name: string
  readonly msg: string
  readonly addresses?: readonly string[]
  readonly time: string
}

/** Starts the program; `until` answers the first log line of which it says yes, `ended` the exit status. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines: Line[] = []
  const waiting: (() => void)[] = []
  let rest = ''
  child.stdout.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString()).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts.map((line) => JSON.parse(line) as Line))
    for (const wake of waiting.splice(0)) wake()
  })
  const ended = new Promise<number | null>((done) => child.on('close', done))
  const until = async (yes: (line: Line) => boolean): Promise<Line> => {
    for (;;) {
      const line = lines.find(yes)
      if (line !== undefined) return line
      await new Promise<void>((wake) => waiting.push(wake))
    }
  }
  return { child, lines, until, ended }
}

test.each(['SIGTERM', 'SIGINT'] as const)('it says when it is ready, answers, and ends cleanly on %s', async (signal) => {
  const { child, until, ended } = start({
    WEB_ROOT: site.dir,
    PORT: '0',
    WEB_NAME: 'devops-web',
    NEXT_PUBLIC_DEVOPS_API_URL: 'https://api.bytelyst.com/devops',
  })
  const ready = await until((line) => line.msg === 'ready')
  expect(ready).toMatchObject({
    level: 'info',
    name: 'devops-web',
    addresses: [expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), ...(ready.addresses ?? []).slice(1)],
  })
  expect(await until((line) => line.level === 'warn')).toMatchObject({
    msg: expect.stringContaining('NEXT_PUBLIC_DEVOPS_API_URL is the older') as string,
  })
  const port = Number(new URL(ready.addresses?.[0] ?? '').port)
  expect((await get(port, '/')).status).toBe(200)
  child.kill(signal)
  expect(await ended).toBe(0)
})

test('wrong settings are told all at once, and it does not start', async () => {
  const { until, ended } = start({ PORT: 'http', NEXT_PUBLIC_PLATFORM_URL: 'nowhere' })
  const { msg } = await until((line) => line.level === 'error')
  for (const name of ['WEB_ROOT', 'PORT', 'NEXT_PUBLIC_PLATFORM_URL']) expect(msg).toContain(name)
  expect(await ended).toBe(1)
})

test('a taken port is named', async () => {
  const taken = createServer()
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done))
  const { port } = taken.address() as { port: number }
  const { until, ended } = start({ WEB_ROOT: site.dir, PORT: String(port) })
  expect((await until((line) => line.level === 'error')).msg).toBe(`Port ${port} is taken by another program. End it or set PORT.`)
  expect(await ended).toBe(1)
  taken.close()
})
