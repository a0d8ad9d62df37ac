import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@console/testkit/daemon-harness'
import { good, type People, type Person, password } from '@console/testkit/people'

/** What people did beside looking, and whatever of it went wrong. */
export type Done = {
  readonly runs: string[]
  signIns: number
  refusedSignIns: number
  restarts: number
  /** Restarts that a busy engine did not carry out in time. */
  away: number
  readonly problems: string[]
}
type Work = { readonly done: Done; readonly random: () => number; readonly signal: AbortSignal; readonly everyMs: number }

/** What the deployed script prints. */
const deployedLines = Array.from({ length: 40 }, (_, index) => `step ${index + 1} of 40`)
export const deployedScript = '#!/usr/bin/env bash\nfor n in {1..40}; do echo "step $n of 40"; sleep 0.1; done\n'
/** The script takes four seconds; the rest is for a machine that is busy with other things. */
const patienceMs = 180_000

export const nothingDone = (): Done => ({ runs: [], signIns: 0, refusedSignIns: 0, restarts: 0, away: 0, problems: [] })

/** Deploys one service after the other, and looks at each run until it has ended, and at every line of it. */
export async function deploy(admin: Person, services: readonly string[], work: Work): Promise<void> {
  await every(work, async () => {
    const service = services[work.done.runs.length % services.length]
    const { body } = good(await admin.devops.post(`/deployments/trigger/${service}`, { reason: 'one of many' }), 202)
    const id = String(body.id)
    work.done.runs.push(id)
    const ended = await until(
      `${id} has ended`,
      async () => {
        const run = good(await admin.devops.get(`/deployments/${id}`), 200).body
        return ['queued', 'running', 'verifying'].includes(String(run.state)) ? pause(1_000).then(() => null) : run
      },
      patienceMs,
    )
    if (String(ended.state) !== 'succeeded' || String(ended.verified) !== 'true')
      work.done.problems.push(`${id} of ${service}: ${ended.state}, verified ${ended.verified}: ${ended.outcome}`)
    const lines = good(await admin.devops.get(`/deployments/${id}/logs?limit=5000`), 200).body.items as unknown as {
      stream: string
      text: string
    }[]
    const printed = lines.filter(({ stream }) => stream === 'out').map(({ text }) => text)
    if (printed.join('\n') !== deployedLines.join('\n')) work.done.problems.push(`${id} printed ${printed.length}: ${printed.join(' | ')}`)
  })
}

/** Somebody signs in at another browser, looks around and signs out; now and then with a wrong password first. */
export async function signIn(people: People, emails: readonly string[], work: Work): Promise<void> {
  await every(work, async () => {
    const email = emails[Math.floor(work.random() * emails.length)] ?? ''
    const { platform, devops } = people.stranger()
    if (work.random() < 0.25) {
      good(await platform.post('/auth/login', { email, password: 'amber kettle winter lamp' }), 401)
      work.done.refusedSignIns += 1
    }
    good(await platform.post('/auth/login', { email, password }), 200)
    good(await devops.get('/services'), 200)
    good(await platform.post('/auth/logout', {}), 204)
    good(await devops.get('/services'), 401)
    work.done.signIns += 1
  })
}

export async function restart(admin: Person, container: string, work: Work): Promise<void> {
  await every(work, async () => {
    const answer = await admin.devops.post(`/vm/containers/${container}/restart`, { reason: 'now and then', waitSec: 0 })
    if (String(answer.body.code).endsWith('_AWAY')) work.done.away += 1
    else good(answer, 200)
    work.done.restarts += 1
  })
}

async function every({ done, signal, everyMs }: Work, deed: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const began = Date.now()
    await deed().catch((error: Error) => done.problems.push(error.message))
    await pause(Math.max(0, began + everyMs - Date.now()), undefined, { signal }).catch(() => undefined)
  }
}

/** What a page does that is open for hours: it asks for a new token of its session before the old one is over. */
export async function keepToken(admin: Person, work: Work): Promise<void> {
  await every(work, async () => {
    good(await admin.devops.get('/csrf-token'), 200)
  })
}
