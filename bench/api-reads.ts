/**
 * How thin is the API? An authenticated read of state that is kept in memory, every hook on. `node bench/api-reads.ts`
 * Baseline: a bare Fastify in the same process that answers the same bytes. The load comes from a thread of its own; rounds take turns.
 */
import type { AddressInfo } from 'node:net'
import autocannon from 'autocannon'
import fastify from 'fastify'
import { startDevops } from '../apps/devops-backend/src/devops.fake.ts'
import { type Line, printTable } from './table.ts'
import { createUndo } from './undo.ts'

const seconds = 5
const rounds = 3
const most = 10_000_000
const undo = createUndo()
const devops = await startDevops({
  parts: ['platform-service', 'docker-proxy'],
  limits: { addressPerMinute: most, perMinute: { none: most, read: most, change: most, destroy: most } },
})
undo.add(() => devops.close())
try {
  const admin = await devops.setUp()
  const lines: Line[] = []
  for (const path of ['/services', '/settings'])
    lines.push(await compare(path, await admin.devops.get(path), admin.devops.cookiesFor(`/api/devops${path}`)))
  process.exitCode = printTable('An authenticated read', 'bare Fastify', lines) > 0 ? 1 : 0
} finally {
  await undo.all()
}

async function compare(path: string, { text, status }: { text: string; status: number }, cookie: string): Promise<Line> {
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
  const other = fastify()
  other.get(path, (_request, reply) => reply.type('application/json; charset=utf-8').send(text))
  await other.listen({ host: '127.0.0.1', port: 0 })
  const rates = { ours: 0, bare: 0 }
  for (let round = 0; round < rounds; round += 1) {
    rates.bare += await rate((other.server.address() as AddressInfo).port, path, '')
    rates.ours += await rate(devops.port, `/api/devops${path}`, cookie)
  }
  await other.close()
  return {
    what: `GET ${path}`,
    ours: rates.ours / rounds,
    baseline: rates.bare / rounds,
    unit: 'requests/s',
    aim: { of: 'ratio', least: 0.25 },
  }
}

async function rate(port: number, path: string, cookie: string): Promise<number> {
  const { requests, non2xx, errors } = await autocannon({
    url: `http://localhost:${port}${path}`,
    connections: 20,
    duration: seconds,
    workers: 1,
    headers: cookie === '' ? {} : { cookie },
  })
  if (non2xx + errors > 0) throw new Error(`${path}: ${non2xx} answers and ${errors} errors that are none of the measured kind`)
  return requests.average
}
