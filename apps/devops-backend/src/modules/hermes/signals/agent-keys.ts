import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { AgentKey, SignalWay } from '@console/contracts/hermes/signal-schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import type { SecretBox } from '@console/tokens/secret-box'
import type { AgentKeyDoc } from '../../../documents.ts'
import type { SignalDesk } from './signal-desk.ts'

export type AgentKeyDeps = {
  readonly keys: Collection<AgentKeyDoc>
  readonly box: SecretBox
  readonly desk: Pick<SignalDesk, 'useOf' | 'forgetKey'>
  /** @throws AppError HERMES_INSTANCE_NOT_FOUND, HOST_AGENT_AWAY */
  readonly assertInstance: (instance: string, ctx: Context) => Promise<void>
  readonly now: () => Date
}
/** Whose key it was. */
export type KeyHolder = { readonly keyId: string; readonly instance: string; readonly name: string }

const partition = 'local'
const prefix = 'bla_'
const mostPerWay = 4
const mostKeys = 200
const bearerForm = /^bla_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

export async function listAgentKeys({ keys, desk }: AgentKeyDeps): Promise<{ items: AgentKey[] }> {
  const { items } = await keys.find(partition, { limit: mostKeys })
  return {
    items: items
      .map(({ doc }) => shown(doc, desk))
      .sort((a, b) => a.instance.localeCompare(b.instance) || a.createdAt.localeCompare(b.createdAt)),
  }
}

/** The secret leaves here once. Of one for a header its hash is kept; of one that signs itself must be, so it lies sealed. */
export async function createAgentKey(
  deps: AgentKeyDeps,
  ctx: Context,
  { instance, way, name }: { readonly instance: string; readonly way: SignalWay; readonly name: string },
): Promise<{ key: AgentKey; secret: string }> {
  await deps.assertInstance(instance, ctx)
  const { items } = await deps.keys.find(partition, { where: [{ f: 'instance', op: 'eq', v: instance }], limit: mostKeys })
  if (items.filter(({ doc }) => doc.way === way).length >= mostPerWay)
    throw new AppError('HERMES_KEY_LIMIT', 409, `${instance} has ${mostPerWay} keys of this kind. Revoke one first.`)
  const id = randomBytes(8).toString('hex')
  const secret = `${prefix}${id}_${randomBytes(32).toString('base64url')}`
  const doc: AgentKeyDoc = {
    v: 1,
    id,
    instance,
    way,
    name,
    createdAt: deps.now().toISOString(),
    createdBy: ctx.actor.name,
    ...(way === 'otlp' ? { hash: digestOf(secret).toString('hex') } : { sealed: deps.box.seal(secret, id) }),
  }
  await deps.keys.insert(partition, id, doc)
  return { key: shown(doc, deps.desk), secret }
}

export async function revokeAgentKey({ keys, desk }: AgentKeyDeps, ctx: Context, id: string): Promise<void> {
  const stored = await keys.get(partition, id)
  if (!stored) throw new AppError('HERMES_KEY_NOT_FOUND', 404, 'There is no such key, or it was revoked already.')
  const { instance, way, name } = stored.doc
  ctx.tell({ instance, way, name })
  await keys.remove(partition, id, stored.etag)
  desk.forgetKey(id)
}

/** Whose key came in a header. @throws AppError AUTH_REQUIRED for none that is good for this instance */
export async function holderOfBearer({ keys }: Pick<AgentKeyDeps, 'keys'>, instance: string, token: string | null): Promise<KeyHolder> {
  const [, id] = bearerForm.exec(token ?? '') ?? []
  const doc = id === undefined ? undefined : (await keys.get(partition, id))?.doc
  if (token === null || doc?.hash === undefined || doc.instance !== instance || !same(digestOf(token), Buffer.from(doc.hash, 'hex')))
    throw unknown()
  return { keyId: doc.id, instance, name: doc.name }
}

/** By whose key the bytes were signed, whatever they say. @throws AppError AUTH_REQUIRED for none that is good for this instance */
export async function holderOfSignature(
  { keys, box }: Pick<AgentKeyDeps, 'keys' | 'box'>,
  instance: string,
  { header, bytes }: { readonly header: string | undefined; readonly bytes: Buffer },
): Promise<KeyHolder> {
  const [, hex] = /^sha256=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (hex === undefined) throw unknown()
  const { items } = await keys.find(partition, { where: [{ f: 'instance', op: 'eq', v: instance }], limit: mostKeys })
  const given = Buffer.from(hex, 'hex')
  const fits = ({ doc: { id, sealed } }: Stored<AgentKeyDoc>): boolean =>
    sealed !== undefined && same(createHmac('sha256', box.open(sealed, id)).update(bytes).digest(), given)
  const found = items.find(fits)
  if (!found) throw unknown()
  return { keyId: found.doc.id, instance, name: found.doc.name }
}

function shown({ id, instance, way, name, createdAt, createdBy }: AgentKeyDoc, desk: Pick<SignalDesk, 'useOf'>): AgentKey {
  const use = desk.useOf(id)
  const at = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString())
  return { id, instance, way, name, createdAt, createdBy, firstUsedAt: at(use?.firstMs), lastUsedAt: at(use?.lastMs) }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** One answer for every reason: who has no key learns nothing of which there are. */
function unknown(): AppError {
  return new AppError('AUTH_REQUIRED', 401, 'No key of this agent was sent, or what was sent is not signed with one.')
}
