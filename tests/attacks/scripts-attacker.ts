import { openDesk } from '@console/testkit/agent-desk'
import { openLocalPlace } from '@console/testkit/agent-place'
import type { RawCall } from '@console/testkit/daemon-harness'
import { exchange, type RawAnswer } from '@console/testkit/raw-socket'

export type Answer = {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly text: string
  readonly requestId: string
}

/** The real host-agent, asked in raw bytes; every call can be found in its journal by its own id. */
export async function openAttacker(env: Readonly<Record<string, string>> = {}) {
  const place = await openLocalPlace(env)
  await place.start()
  const { kit } = place
  const desk = openDesk(place)
  let calls = 0
  const call = async (verb: string, args: unknown, raw: RawCall = {}): Promise<Answer> => {
    calls += 1
    const requestId = `attack-${calls}`
    const headers = { connection: 'close', 'x-request-id': requestId, ...raw.headers }
    const bytes = kit.bytesOf(verb, args, { ...raw, headers })
    const answer = await exchange({ socketPath: kit.socketPath, bytes, timeoutMs: 60_000, quietMs: 60_000 })
    const text = textOf(answer)
    return { status: answer.status, body: parse(text), text, requestId }
  }
  let runs = 0
  const mine = place.kit.dataDir.slice(-6)
  return {
    place,
    kit,
    desk,
    call,
    start: (scriptId: string, over: object = {}, raw: RawCall = { as: 'operator' }) => {
      runs += 1
      const plain = { runId: `a-${mine}-${runs}`, scriptId, serviceId: `svc-a-${runs}`, reason: 'an attack', onBusy: 'queue' }
      kit.nextPerson()
      return call('runs.start', { ...plain, variables: {}, secretNames: [], ...over }, raw)
    },
    /** What the journal says of one call, or of a run. */
    rows: async (of: string) => (await desk.journal()).filter(({ requestId, target }) => requestId === of || target === of),
    /** A script that is approved as it stands. */
    async approved(scriptId: string, text: string, wish: object = {}): Promise<string> {
      const path = desk.put(scriptId, text)
      const { status, text: told } = await desk.approve(scriptId, wish)
      if (status !== 200) throw new Error(`${scriptId} was not approved: ${told}`)
      return path
    },
  }
}
export type Attacker = Awaited<ReturnType<typeof openAttacker>>

export function runIdOf({ body, text }: Answer): string {
  const { run } = body as { run?: { runId: string } }
  if (!run) throw new Error(`no run was taken: ${text}`)
  return run.runId
}

/** The body as text, out of its chunks. */
function textOf({ body, headers }: RawAnswer): string {
  let rest = Buffer.from(body, 'latin1')
  if (headers['transfer-encoding'] !== 'chunked') return rest.toString()
  const parts: Buffer[] = []
  for (;;) {
    const end = rest.indexOf('\r\n')
    const size = Number.parseInt(rest.subarray(0, Math.max(end, 0)).toString(), 16)
    if (end < 0 || !(size > 0)) return Buffer.concat(parts).toString()
    parts.push(rest.subarray(end + 2, end + 2 + size))
    rest = rest.subarray(end + 2 + size + 2)
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
