/// <reference lib="dom" />
/**
 * What does a tab on the list of containers cost, with live CPU and memory, and what is left a minute after it was closed?
 * `node bench/container-live.ts [COUNT]` Baseline: one stats stream of the engine for each container, as `docker stats` and viewers of
 * live figures open them, in the same run. What the browser itself takes is not counted, on either side.
 */
import { readdirSync, readlinkSync } from 'node:fs'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@console/testkit/daemon-harness'
import { dockerSocket } from '@console/testkit/machine'
import { chromiumPath } from '@console/testkit/needs'
import { type RunningConsole, startConsole } from '@console/testkit/start-console'
import { type BrowserContext, chromium } from 'playwright-core'
import { ownContainers, removeContainers, startContainers } from './containers.ts'
import { cpuSeconds, familyOf, pidsOf } from './measure.ts'
import { printTable } from './table.ts'
import { createUndo } from './undo.ts'

const count = Number(process.argv[2] ?? 100)
const windowMs = 20_000
const afterMs = 60_000
const settleMs = 10_000
/** Dozzle 10.7 with one tab on 100 containers, and 15 s after it was closed. */
const dozzle = { cpu: 9.2, connections: 103 }
const engine = pidsOf(['dockerd', 'containerd'])
const undo = createUndo()
try {
  undo.add(removeContainers)
  await startContainers(count)
  const running = await startConsole()
  undo.add(() => running.stop())
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox', '--disable-gpu'] })
  undo.add(() => browser.close())
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } })
  await signIn(context, running)
  const ours = familyOf(running.child.pid ?? 0)

  await pause(settleMs)
  const idle = await spent(ours)
  const page = await context.newPage()
  await page.goto(`${running.devopsWeb}/containers?q=bench-${process.pid}&sort=cpu`)
  await page.waitForFunction((rows) => document.querySelectorAll('tbody tr .bar').length >= Math.min(rows, 100), count, { timeout: 60_000 })
  await pause(settleMs)
  const tab = await spent(ours)
  const drawn = await page.locator('tbody tr .bar').count()
  await page.close()
  const closedAt = performance.now()
  const streams = await spentOnStreams()
  await pause(Math.max(0, afterMs - (performance.now() - closedAt)))
  const asked = await liveReads(context, running)
  const after = await spent(ours)
  const late = (await liveReads(context, running)) - asked

  console.log(`${drawn} rows with live figures`)
  const cost = tab.ours + tab.engine - idle.ours - idle.engine
  const missed = printTable(`A tab on ${count} containers, live`, 'a stats stream each', [
    {
      what: 'CPU that the tab adds, ours and the engine’s, a minute',
      ours: cost,
      baseline: streams - idle.engine,
      unit: 's',
      aim: { of: 'ratio', most: 0.25 },
      peer: `Dozzle: ${dozzle.cpu} s`,
    },
    { what: 'the same against Dozzle', ours: cost, baseline: dozzle.cpu, unit: 's', aim: { of: 'ratio', most: 0.25, from: 'other run' } },
    { what: 'of it ours', ours: tab.ours - idle.ours, unit: 's' },
    { what: 'of it the engine’s', ours: tab.engine - idle.engine, baseline: streams - idle.engine, unit: 's' },
    { what: 'the engine’s before the tab, of whoever else uses it', ours: idle.engine, unit: 's' },
  ])
  const left = printTable('A minute after the last tab', 'before the first tab', [
    {
      what: 'CPU of ours and the engine, a minute',
      ours: after.ours + after.engine,
      baseline: idle.ours + idle.engine,
      unit: 's',
      aim: { of: 'difference', most: 0.5 },
    },
    {
      what: 'sockets open in all of ours',
      ours: after.sockets,
      baseline: idle.sockets,
      unit: 'sockets',
      aim: { of: 'difference', most: 0 },
      peer: `Dozzle: ${dozzle.connections} connections, 15 s after`,
    },
    { what: 'sockets open with the tab', ours: tab.sockets, baseline: idle.sockets, unit: 'sockets' },
    { what: 'live figures read since', ours: late, unit: 'reads', aim: { of: 'value', most: 0 } },
  ])
  process.exitCode = missed + left > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function signIn(context: BrowserContext, { setupToken, platformApi, devopsWeb }: RunningConsole): Promise<void> {
  const person = { email: 'first@example.net', password: 'plum harbour teapot lantern', name: 'First Admin' }
  const reply = await context.request.post(`${platformApi}/setup`, {
    data: { token: setupToken, ...person },
    headers: { origin: devopsWeb },
  })
  if (!reply.ok()) throw new Error(`the set-up answered ${reply.status()}`)
}

/** How often somebody asked for live figures in the last minutes, as the console itself counts. */
async function liveReads(context: BrowserContext, { devopsApi }: RunningConsole): Promise<number> {
  const reply = await context.request.get(`${devopsApi}/apm?window=15m`)
  const { actions } = (await reply.json()) as { actions: { action: string; requests: number }[] }
  return actions.find(({ action }) => action === 'system.liveUse.get')?.requests ?? 0
}

type Spent = { readonly ours: number; readonly engine: number; readonly sockets: number }

/** CPU seconds a minute of both sides over a while, and how many sockets ours hold at its end. */
async function spent(pids: readonly number[]): Promise<Spent> {
  const before = { ours: cpuSeconds(pids), engine: cpuSeconds(engine) }
  const from = performance.now()
  await pause(windowMs)
  const minutes = (performance.now() - from) / 60_000
  return {
    ours: (cpuSeconds(pids) - before.ours) / minutes,
    engine: (cpuSeconds(engine) - before.engine) / minutes,
    sockets: pids.reduce((sum, pid) => sum + socketsOf(pid), 0),
  }
}

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  }).length
}

/** The engine's CPU seconds a minute while a stats stream is open for each container. */
async function spentOnStreams(): Promise<number> {
  const mine = await ownContainers()
  let lines = 0
  const calls = mine.map((id) =>
    get({ socketPath: dockerSocket, path: `/v1.41/containers/${id}/stats?stream=true`, agent: false }, (reply) =>
      reply.on('data', () => {
        lines += 1
      }),
    ),
  )
  try {
    await until('all streams tell', async () => lines >= mine.length * 2, 60_000)
    const before = cpuSeconds(engine)
    const from = performance.now()
    await pause(windowMs)
    return (cpuSeconds(engine) - before) / ((performance.now() - from) / 60_000)
  } finally {
    for (const call of calls) call.on('error', () => undefined).destroy()
  }
}
