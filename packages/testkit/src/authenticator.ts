import { createHmac } from 'node:crypto'

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** What an authenticator shows for a secret at a time: RFC 6238 with SHA-1, 30 s and 6 digits, written from the RFC and not with the library under test. */
export function authenticatorCode(secretBase32: string, atMs: number): string {
  let bits = ''
  for (const char of secretBase32.replaceAll('=', '')) bits += base32.indexOf(char.toUpperCase()).toString(2).padStart(5, '0')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 0x0f
  return ((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).toString().padStart(6, '0')
}

const stepMs = 30_000
/** What a busy machine may need until a code that was typed is looked at. */
const enoughMs = 10_000

/** The code of the step before, which is taken too as long as this step lasts: asked for where much of it is left. */
export async function earlierCode(secretBase32: string): Promise<string> {
  const leftMs = stepMs - (Date.now() % stepMs)
  if (leftMs < enoughMs) await new Promise((resolve) => setTimeout(resolve, leftMs))
  return authenticatorCode(secretBase32, Date.now() - stepMs)
}
