import type { Declaration } from '@console/store/port'

/** What devops-backend keeps; everything of a host lies in the partition of that host. */
export const collections = {
  services: { name: 'do_services', fields: { environment: 'ascii' } },
  variables: { name: 'do_variables', fields: {} },
  runs: {
    name: 'do_runs',
    fields: { serviceId: 'ascii', state: 'ascii', open: 'boolean', number: 'number' },
    sort: ['number'],
    unique: [['number']],
  },
  codeRuns: {
    name: 'do_code_runs',
    fields: { projectPath: 'string', state: 'ascii', open: 'boolean', queuedAt: 'ascii' },
    sort: ['queuedAt'],
  },
  incidents: { name: 'do_incidents', fields: { serviceId: 'ascii', open: 'boolean', openedAt: 'ascii' }, sort: ['openedAt'] },
  uptime: { name: 'do_uptime', fields: { serviceId: 'ascii', day: 'ascii' }, sort: ['day'] },
  agentKeys: { name: 'do_agent_keys', fields: { instance: 'ascii' } },
  settings: { name: 'do_settings', fields: {} },
  idempotency: { name: 'do_idempotency', fields: { expiresAt: 'ascii' }, sort: ['expiresAt'] },
} as const satisfies Record<string, Declaration>
