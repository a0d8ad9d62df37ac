import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeDurably } from '@console/audit-chain/write-durably'

/** The values of a run that waits: they must outlive a restart of the agent, and must not lie open on the disk meanwhile. */
export type Values = { readonly values: Record<string, string>; readonly secretNames: string[] }
export type WaitingValues = { put(folder: string, values: Values): void; take(folder: string): Values | null; forget(folder: string): void }

/** @param keyFile the agent's own key, readable by it alone; the sealing key is derived from it */
export function openWaitingValues(keyFile: string): WaitingValues {
  const key = (): Buffer => createHash('sha256').update('waiting values v1\0').update(readFileSync(keyFile)).digest()
  const fileOf = (folder: string): string => join(folder, 'values.sealed')
  return {
    put(folder, values) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key(), nonce)
      const sealed = Buffer.concat([cipher.update(JSON.stringify(values), 'utf8'), cipher.final()])
      writeDurably(fileOf(folder), Buffer.concat([nonce, cipher.getAuthTag(), sealed]), 0o600)
    },
    take(folder) {
      if (!existsSync(fileOf(folder))) return null
      const bytes = readFileSync(fileOf(folder))
      const decipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(12, 28))
      return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')) as Values
    },
    forget: (folder) => rmSync(fileOf(folder), { force: true }),
  }
}
