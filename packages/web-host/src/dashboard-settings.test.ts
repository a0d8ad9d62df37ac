import { expect, test } from 'vitest'
import { apiOrigins, readDashboardSettings, webHosts } from './dashboard-settings.ts'

test('without settings the defaults hold', () => {
  expect(readDashboardSettings({})).toEqual({
    settings: {
      devopsApiUrl: 'https://api.bytelyst.com/api/devops',
      platformUrl: 'https://api.bytelyst.com/platform/api',
      adminWebUrl: 'https://admin.bytelyst.com',
      devopsWebUrl: 'https://devops.bytelyst.com',
      productId: 'bytelyst-devops',
      productName: 'ByteLyst DevOps Dashboard',
    },
    warnings: [],
    problems: [],
  })
})

test.each(['https://api.bytelyst.com/devops', 'https://api.bytelyst.com/devops/', 'https://api.example.org/devops'])(
  'the older address %s is corrected with a warning',
  (address) => {
    const { settings, warnings } = readDashboardSettings({ NEXT_PUBLIC_DEVOPS_API_URL: address })
    expect(settings.devopsApiUrl).toBe(`${new URL(address).origin}/api/devops`)
    expect(warnings).toEqual([expect.stringContaining('is the older')])
  },
)

test('every problem is told at once', () => {
  const env = {
    NEXT_PUBLIC_DEVOPS_API_URL: 'javascript:alert(1)',
    NEXT_PUBLIC_PLATFORM_URL: 'api',
    NEXT_PUBLIC_ADMIN_WEB_URL: 'https://u@x',
    NEXT_PUBLIC_DEVOPS_WEB_URL: 'https://x/?a',
  }
  expect(readDashboardSettings(env).problems).toHaveLength(4)
})

test('origins and hosts follow from the addresses', () => {
  const { settings } = readDashboardSettings({
    NEXT_PUBLIC_DEVOPS_API_URL: 'http://localhost:4004/api/devops',
    NEXT_PUBLIC_PLATFORM_URL: 'http://localhost:4003/platform/api',
  })
  expect(apiOrigins(settings)).toEqual(['http://localhost:4004', 'http://localhost:4003'])
  expect(webHosts(settings)).toEqual(['admin.bytelyst.com', 'devops.bytelyst.com'])
})
