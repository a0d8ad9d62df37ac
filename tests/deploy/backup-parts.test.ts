import { expect, it } from 'vitest'
import { keptParts, knownMigrations } from '../../packages/backups/src/kept-parts.ts'
import { textOf } from '../source-files.ts'

it('knows for backups the migrations that both services have', () => {
  const apps = ['platform-service', 'devops-backend'] as const
  for (const part of apps) {
    const ids = [...textOf(`apps/${part}/src/migrations.ts`).matchAll(/'([0-9]{4}-[a-z0-9-]+)'/g)].map(([, id]) => id)
    expect([part, knownMigrations(part)]).toEqual([part, ids])
  }
  expect(Object.keys(keptParts).filter((part) => !(apps as readonly string[]).includes(part))).toEqual(['docker-proxy'])
})
