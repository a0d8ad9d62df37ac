/** The only place that knows an address of this dashboard. Identifiers ride in the query: the pages are static files. */
export const paths = {
  overview: '/',
  services: '/services',
  service: (id: string, tab?: string) => `/services/view?id=${encodeURIComponent(id)}${tab ? `&tab=${tab}` : ''}`,
  registerService: '/services/edit',
  editService: (id: string) => `/services/edit?id=${encodeURIComponent(id)}`,
  deployments: '/deployments',
  deployment: (id: string) => `/deployments/view?id=${encodeURIComponent(id)}`,
  health: '/health',
  containers: '/containers',
  containerLog: (name: string) => `/containers?log=${encodeURIComponent(name)}`,
  audit: '/audit',
  auditOf: (requestId: string) => `/audit?requestId=${encodeURIComponent(requestId)}`,
  privileges: '/privileges',
  settings: '/settings',
  scripts: '/settings?tab=scripts',
  approveScript: (id: string) => `/settings?tab=scripts&approve=${encodeURIComponent(id)}`,
} as const
