/**
 * Makes the keys of devops-backend and docker-proxy and publishes their public halves, then ends. So those two read the folder of
 * keys and cannot write it: who takes one of them over puts no key of his own in the place of another's.
 */
import { join } from 'node:path'
import { loadOrCreateServiceKey } from '../../packages/tokens/src/key-files.ts'

const { KEYS_DIR = '/keys' } = process.env
for (const [name, folder] of [
  ['devops-backend', 'devops-backend/devops'],
  ['docker-proxy', 'docker-proxy/docker-proxy'],
] as const)
  loadOrCreateServiceKey({ dir: join('/keyed', folder), keysDir: KEYS_DIR, name })
