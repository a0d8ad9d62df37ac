import { type Client, createClient } from '@console/api-client/client'
import type { DeployedConsole } from '@console/testkit/deployed-console'
import { pageFetch } from '@console/testkit/page-fetch'
import type { Person } from '@console/testkit/people'

/** The client of a page of a dashboard, through the gateway. `failed` is told of each try that nothing good came of. */
export function pageClient(
  { domain, port, ca }: DeployedConsole,
  { platform: browser }: Person,
  failed: () => void = () => undefined,
): { readonly client: Client; close(): void } {
  const page = pageFetch({ browser, port, origin: `https://devops.${domain}`, over: { host: `api.${domain}`, ca } })
  const client = createClient({
    baseUrlOf: (api) => `https://api.${domain}${api === 'devops' ? '/api/devops' : '/platform/api'}`,
    fetch: (input, init) =>
      page.fetch(input, init).then(
        (reply) => {
          if (reply.status === 404 || reply.status >= 500) failed()
          return reply
        },
        (error: unknown) => {
          failed()
          throw error
        },
      ),
  })
  return { client, close: page.close }
}
