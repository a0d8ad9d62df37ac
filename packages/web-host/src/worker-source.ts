import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { Release } from './worker/judge-request.ts'

/** In the order in which they need each other. */
const files = ['judge-request.ts', 'kept-releases.ts', 'service-worker.ts']

/**
 * The worker of a release as one classic script: its files, one after the other, without types, and without the imports and exports that
 * tie them in the sources. Modules as workers are not known to every browser. @throws Error where a file cannot be joined so
 */
export function workerSource(release: Release): string {
  const parts = files.map((file) => {
    const text = stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'worker', file), 'utf8'))
    const plain = text.replaceAll(/^import [^\n]*\n/gm, '').replaceAll(/^export (?=(async )?function |const )/gm, '')
    if (/^\s*(import|export)\b/m.test(plain)) throw new Error(`${file} holds an import or export that cannot be taken away`)
    return plain
  })
  return `'use strict'\nconst release = ${JSON.stringify(release)}\n${parts.join('')}`
}
