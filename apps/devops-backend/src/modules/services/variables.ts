import type { Variable, VariableInput } from '@console/contracts/services/schemas'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { Collection, Stored } from '@console/store/port'
import type { SecretBox } from '@console/tokens/secret-box'
import type { z } from 'zod'
import type { VariablesDoc } from '../../documents.ts'
import { staleRead } from '../../stale-read.ts'
import { servicePartition } from './services.ts'

export type VariableDeps = {
  readonly variables: Collection<VariablesDoc>
  readonly box: SecretBox
  readonly now: () => Date
  readonly changed: (serviceId: string) => void
}
type Answer = { items: Variable[]; nextCursor: null; etag: string }

/** The ETag of a service that has no variables yet. */
const none = 'none'
const mostBytes = 8_192

export async function listVariables({ variables }: Pick<VariableDeps, 'variables'>, serviceId: string): Promise<Answer> {
  return answerOf(await variables.get(servicePartition, serviceId))
}

/** Replaces the whole list. A secret without a value keeps the one it has; one that never had a value is refused. */
export async function setVariables(
  deps: VariableDeps,
  ctx: Context,
  serviceId: string,
  items: readonly z.infer<typeof VariableInput>[],
): Promise<Answer> {
  const before = await deps.variables.get(servicePartition, serviceId)
  if ((before?.etag ?? none) !== ctx.ifMatch) throw staleRead()
  const names = items.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice) throw badInput(`${twice} stands twice. A variable has one value.`)
  const kept = new Map(before?.doc.items.map((item) => [item.name, item]))
  const at = deps.now().toISOString()
  const doc: VariablesDoc = {
    v: 1,
    items: items.map(({ name, secret, value }) => {
      const old = kept.get(name)
      if (value === null) {
        if (!old?.secret || !secret) throw badInput(`${name} needs a value.`)
        return old
      }
      if (Buffer.byteLength(value) > mostBytes) throw badInput(`${name} is longer than 8 KiB.`)
      if (value.includes('\0')) throw badInput(`${name} must not hold a NUL.`)
      return { name, secret, value: secret ? deps.box.seal(value, `${serviceId}/${name}`) : value, setAt: at, setBy: ctx.actor.name }
    }),
  }
  const stored = await (before
    ? deps.variables.replace(servicePartition, serviceId, doc, before.etag)
    : deps.variables.insert(servicePartition, serviceId, doc)
  ).catch((error: { code?: string }) => {
    throw error.code === 'Precondition' || error.code === 'Conflict' ? staleRead() : error
  })
  deps.changed(serviceId)
  return answerOf(stored)
}

/** The values for one run, in the clear: they travel in the call to the host-agent and nowhere else. */
export async function openVariables(
  { variables, box }: Pick<VariableDeps, 'variables' | 'box'>,
  serviceId: string,
): Promise<{ values: Record<string, string>; secretNames: string[] }> {
  const stored = await variables.get(servicePartition, serviceId)
  const items = stored?.doc.items ?? []
  const values = Object.fromEntries(
    items.map(({ name, secret, value }) => [name, secret ? box.open(value, `${serviceId}/${name}`) : value]),
  )
  return { values, secretNames: items.filter(({ secret }) => secret).map(({ name }) => name) }
}

function answerOf(stored: Stored<VariablesDoc> | null): Answer {
  const items = (stored?.doc.items ?? []).map(({ name, secret, value, setAt, setBy }) => ({
    name,
    secret,
    value: secret ? null : value,
    setAt,
    setBy,
  }))
  return { items, nextCursor: null, etag: stored?.etag ?? none }
}

function badInput(message: string): AppError {
  return new AppError('INPUT_INVALID', 400, message)
}
