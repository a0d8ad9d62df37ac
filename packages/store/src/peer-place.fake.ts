import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CosmosPeer, startCosmosPeer } from '@console/testkit/cosmos-peer'
import { afterAll, beforeAll } from 'vitest'

/** A stand-in of an account and a folder for all tests of a file. @param name what the folder begins with */
export function peerPlace(name: string): { readonly folder: string; readonly peer: CosmosPeer } {
  const folder = mkdtempSync(join(tmpdir(), name))
  let peer: CosmosPeer | undefined
  beforeAll(async () => {
    peer = await startCosmosPeer()
  })
  afterAll(async () => {
    await peer?.close()
    rmSync(folder, { recursive: true })
  })
  return {
    folder,
    get peer() {
      if (!peer) throw new Error('it starts before the first test')
      return peer
    },
  }
}
