import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@console/testkit/daemon-harness'

/** What a process still holds after its heap was cleared: the measure of a leak, for the size of a process says mostly when it cleared last. */
export type Held = { readonly heapMiB: number; readonly outsideMiB: number }

/** Where Node listens when it is asked for its inspector by a signal. One process at a time, therefore. */
const inspector = 'http://127.0.0.1:9229/json/list'
const measured = 'JSON.stringify({ pid: process.pid, ...process.memoryUsage() })'
const closed = "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 50), 0"
const patienceMs = 60_000

/** Clears the heap of a running part by its inspector, which is open only meanwhile; nothing in the part knows of it. */
export async function heldBy(pid: number): Promise<Held> {
  await until('nobody else is inspected', async () => (await inspected()) === null, patienceMs)
  process.kill(pid, 'SIGUSR1')
  const address = await until('the inspector listens', inspected, patienceMs)
  const session = await openSession(address)
  try {
    // Twice: what the first clearing finalises is freed by the second.
    for (let time = 0; time < 2; time += 1) await session.send('HeapProfiler.collectGarbage', {})
    const { result } = (await session.send('Runtime.evaluate', { expression: measured })) as { result: { value: string } }
    const { pid: spoke, heapUsed, external } = JSON.parse(result.value) as NodeJS.MemoryUsage & { pid: number }
    if (spoke !== pid) throw new Error(`${spoke} was inspected in place of ${pid}`)
    return { heapMiB: heapUsed / 2 ** 20, outsideMiB: external / 2 ** 20 }
  } finally {
    await session.send('Runtime.evaluate', { expression: closed })
    session.close()
    await until('the inspector is closed', async () => (await inspected()) === null, patienceMs)
  }
}

async function inspected(): Promise<string | null> {
  try {
    const [target] = (await (await fetch(inspector)).json()) as { webSocketDebuggerUrl: string }[]
    return target?.webSocketDebuggerUrl ?? null
  } catch {
    return pause(20).then(() => null)
  }
}

async function openSession(address: string) {
  const socket = new WebSocket(address)
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error('the inspector does not speak')), { once: true })
  })
  let last = 0
  const send = (method: string, params: object): Promise<unknown> => {
    last += 1
    const id = last
    return new Promise((resolve, reject) => {
      const take = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } }
        if (answer.id !== id) return
        socket.removeEventListener('message', take)
        if (answer.error) reject(new Error(answer.error.message))
        else resolve(answer.result)
      }
      socket.addEventListener('message', take)
      socket.addEventListener('close', () => reject(new Error('the inspector went away')), { once: true })
      socket.send(JSON.stringify({ id, method, params }))
    })
  }
  return { send, close: () => socket.close() }
}
