/** Where the other parts are, as web-host tells it when the page loads; nothing is baked into the pages. */
export type DashboardSettings = {
  readonly devopsApiUrl: string
  readonly platformUrl: string
  readonly adminWebUrl: string
  readonly devopsWebUrl: string
  readonly productId: string
  readonly productName: string
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '127.0.0.1' || host === '[::1]'

/** The settings; on a loopback host (an SSH tunnel) the APIs are on this machine too, whatever the settings say of public addresses. */
export async function loadSettings(): Promise<DashboardSettings> {
  const reply = await fetch('/settings.json', { cache: 'no-store' }).catch((cause: unknown) => {
    throw new Error('The server of this page gave no answer.', { cause })
  })
  if (!reply.ok) throw new Error(`settings.json answered ${reply.status}`)
  const settings = (await reply.json()) as DashboardSettings
  if (!isLoopback(location.hostname)) return settings
  const local = (url: string, fallback: string): string => (isLoopback(new URL(url).hostname) ? url : fallback)
  return {
    ...settings,
    devopsApiUrl: local(settings.devopsApiUrl, 'http://localhost:4004/api/devops'),
    platformUrl: local(settings.platformUrl, 'http://localhost:4003/platform/api'),
  }
}

/** Over plain http on another host than loopback a browser keeps no sign-in, so there is no form that could work. */
export const cannotSignIn = (): boolean => location.protocol === 'http:' && !isLoopback(location.hostname)
