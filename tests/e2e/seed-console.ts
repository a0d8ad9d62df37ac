import type { RunningConsole } from '@console/testkit/start-console'
import type { APIRequestContext } from 'playwright-core'

export const firstAdmin = { email: 'first@example.net', password: 'plum harbour teapot lantern', name: 'First Admin' }
const scriptId = 'trials-exits-zero'
const serviceId = 'trial'

/** The first admin, signed in in this browser; an approved script, a service that it deploys, and one run that ended. */
export async function seedConsole(browser: APIRequestContext, { setupToken, devopsWeb, devopsApi, platformApi }: RunningConsole) {
  let csrf = { platform: '', devops: '' }
  const post = async (url: string, data: object, headers: Record<string, string> = {}): Promise<Record<string, unknown>> => {
    const token = url.startsWith(devopsApi) ? csrf.devops : csrf.platform
    const reply = await browser.post(url, { data, headers: { origin: devopsWeb, 'x-csrf-token': token, ...headers } })
    if (!reply.ok()) throw new Error(`${url} answered ${reply.status()}: ${await reply.text()}`)
    return (await reply.json()) as Record<string, unknown>
  }
  const get = async (url: string): Promise<Record<string, unknown>> => (await browser.get(url)).json() as Promise<Record<string, unknown>>
  const session = await post(`${platformApi}/setup`, { token: setupToken, ...firstAdmin })
  csrf = { platform: String(session.csrfToken), devops: String((await get(`${devopsApi}/csrf-token`)).csrfToken) }

  const { digest } = await post(`${devopsApi}/scripts/${scriptId}/plan`, {})
  const { grant } = await post(`${platformApi}/auth/grants`, { verb: 'scripts.approve', digest })
  await post(`${devopsApi}/scripts/${scriptId}/approve`, { digest }, { 'x-grant': String(grant) })
  await post(`${devopsApi}/services`, serviceOf(serviceId))
  const run = await post(`${devopsApi}/deployments/trigger/${serviceId}`, { reason: 'to have one to look at' })
  return { scriptId, serviceId, runId: String(run.id), userId: String((session.user as { id?: unknown }).id), post }
}

export function serviceOf(name: string): object {
  return {
    name,
    description: 'A service to look at',
    environment: 'internal',
    tags: ['trial'],
    owner: '',
    url: null,
    repository: null,
    checks: [],
    scriptId,
    containers: { by: 'none' },
    onBusy: 'refuse',
    approval: 'none',
    verifyWindowSec: 5,
  }
}
