/** What a dashboard reads from `/settings.json` when it starts: nothing of it is baked into the files. */
export type DashboardSettings = {
  /** base address of the DevOps API */
  readonly devopsApiUrl: string
  /** base address of platform-service */
  readonly platformUrl: string
  readonly adminWebUrl: string
  readonly devopsWebUrl: string
  readonly productId: string
  readonly productName: string
}

/** Settings and what the operator should hear about them. */
export type ReadSettings = {
  readonly settings: DashboardSettings
  readonly warnings: readonly string[]
  readonly problems: readonly string[]
}

/** Reads the `NEXT_PUBLIC_*` settings; addresses lose a closing slash, and the older DevOps API address is corrected. All problems at once. */
export function readDashboardSettings(env: Readonly<Record<string, string | undefined>>): ReadSettings {
  const warnings: string[] = []
  const problems: string[] = []
  const address = (name: string, otherwise: string): string => {
    const value = (env[name]?.trim() || otherwise).replace(/\/+$/, '')
    if (!isAddress(value)) problems.push(`${name} is no http or https address: ${value}`)
    return value
  }
  const devopsApi = address('NEXT_PUBLIC_DEVOPS_API_URL', 'https://api.bytelyst.com/api/devops')
  const devopsApiUrl = corrected(devopsApi)
  if (devopsApiUrl !== devopsApi)
    warnings.push(`NEXT_PUBLIC_DEVOPS_API_URL is the older ${devopsApi}: using ${devopsApiUrl}. Please change it.`)
  const settings: DashboardSettings = {
    devopsApiUrl,
    platformUrl: address('NEXT_PUBLIC_PLATFORM_URL', 'https://api.bytelyst.com/platform/api'),
    adminWebUrl: address('NEXT_PUBLIC_ADMIN_WEB_URL', 'https://admin.bytelyst.com'),
    devopsWebUrl: address('NEXT_PUBLIC_DEVOPS_WEB_URL', 'https://devops.bytelyst.com'),
    productId: env.NEXT_PUBLIC_PRODUCT_ID?.trim() || 'bytelyst-devops',
    productName: env.NEXT_PUBLIC_PRODUCT_NAME?.trim() || 'ByteLyst DevOps Dashboard',
  }
  return { settings, warnings, problems }
}

/** The origins that a dashboard with these settings calls. */
export function apiOrigins({ devopsApiUrl, platformUrl }: DashboardSettings): string[] {
  return [...new Set([new URL(devopsApiUrl).origin, new URL(platformUrl).origin])]
}

/** The host names under which the two dashboards are reached. */
export function webHosts({ adminWebUrl, devopsWebUrl }: DashboardSettings): string[] {
  return [...new Set([new URL(adminWebUrl).hostname, new URL(devopsWebUrl).hostname])]
}

function isAddress(value: string): boolean {
  const url = URL.parse(value)
  return (
    url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && url.username === '' && url.search === '' && url.hash === ''
  )
}

function corrected(address: string): string {
  return /^https?:\/\/[^/]+\/devops$/.test(address) ? address.replace(/\/devops$/, '/api/devops') : address
}
