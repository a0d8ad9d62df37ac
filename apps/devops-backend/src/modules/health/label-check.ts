import type { HealthCheck } from '@console/contracts/health/schemas'

/** What a check is called wherever it is shown: `GET /healthz`, `tcp db:5432`, `container web-1`. */
export function labelCheck(check: HealthCheck): string {
  if (check.kind === 'tcp') return `tcp ${check.host}:${check.port}`
  if (check.kind === 'container') return `container ${check.container}`
  const url = URL.parse(check.url)
  return `${check.method} ${url ? `${url.host}${url.pathname}` : check.url}`
}
