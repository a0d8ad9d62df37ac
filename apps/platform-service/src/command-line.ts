import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openAuditLog } from '@console/audit-chain/log'
import { openStore, type StoreSettings } from '@console/store/open-store'
import { type DocStore, StoreError } from '@console/store/port'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { type Collections, openCollections } from './collections.ts'
import type { Config } from './config.ts'
import { normalEmail } from './identity/email-claims.ts'
import { factorsOf, isLive, openPeopleBook, type PeopleBook, type Person } from './identity/people-book.ts'
import { platformProduct } from './identity/products.ts'
import { createResetBook } from './identity/reset-book.ts'
import { resetLinkOf } from './identity/reset-links.ts'
import { openSignInSettings } from './identity/sign-in-settings.ts'

/** What somebody with access to the files asks for, who cannot sign in. */
export type Command =
  | { readonly what: 'admin:list' }
  | { readonly what: 'admin:reset-link'; readonly email: string; readonly withoutSecondFactor: boolean }
/** Why a command was not carried out, as a sentence for whoever typed it. */
export class CommandRefused extends Error {}
type Options = {
  readonly config: Config
  /** Name of the account at the keyboard. */
  readonly account: string
  readonly uid: number
  readonly now?: () => number
}

/** @returns null where the words are none of a command */
export function readCommand(words: readonly string[]): Command | null {
  const [what, ...rest] = words
  if (what === 'admin:list' && rest.length === 0) return { what }
  const withoutSecondFactor = rest.includes('--without-second-factor')
  const [email, ...more] = rest.filter((word) => word !== '--without-second-factor')
  if (what !== 'admin:reset-link' || email === undefined || email.startsWith('-') || more.length > 0) return null
  return { what, email: normalEmail(email), withoutSecondFactor }
}

/** Files that another account made could not be written by the service any more. */
export function accountTrouble(ownerUid: number, uid: number): string | null {
  return ownerUid === uid ? null : `The data belongs to the account with the number ${ownerUid}. Run the command as that account.`
}

/**
 * Works on the store and the audit log of the service while that is stopped: both are held by one process at a time. What changes something is
 * on record before it is done, in the service's own log.
 * @returns lines for the terminal @throws CommandRefused
 */
export async function carryOut(command: Command, { config, account, uid, now = Date.now }: Options): Promise<string[]> {
  // The audit log lies here, whatever holds the documents.
  const file = config.store.driver === 'sqlite' ? config.store.file : join(config.folder, 'audit')
  if (!existsSync(file)) throw new CommandRefused(`There is no store at ${file}. Set DATA_DIR as for the service.`)
  const trouble = accountTrouble(statSync(file).uid, uid)
  if (trouble) throw new CommandRefused(trouble)
  const store = await openAlone(config.store)
  try {
    const collections = openCollections(store)
    const people = await openPeopleBook({ collections, now })
    if (command.what === 'admin:list') return listAdmins(people, now())
    const key = loadOrCreateServiceKey({ dir: config.folder, keysDir: config.keysDir, name: 'platform-service' })
    const log = await openAuditLog({ dir: join(config.folder, 'audit'), name: 'platform-service', key: key.privateKey, now })
    try {
      const { trouble: unwritable } = log.health()
      if (unwritable) throw new CommandRefused(`Nothing was done: ${unwritable.message}`)
      return await resetAdmin({ collections, people, append: log.append, config, account, now }, command)
    } finally {
      await log.close()
    }
  } finally {
    await store.close()
  }
}

async function openAlone(settings: StoreSettings): Promise<DocStore> {
  try {
    return await openStore(settings, 'pf', { waitMs: 0 })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    throw new CommandRefused(`Nothing was done: platform-service is running, or another command. Stop it first. (${error.message})`)
  }
}

function platformAdmins(people: PeopleBook, nowMs: number): Person[] {
  return [...people.all()].filter(({ memberships }) =>
    memberships.some((one) => one.productId === platformProduct && one.role === 'admin' && isLive(one, nowMs)),
  )
}

function listAdmins(people: PeopleBook, nowMs: number): string[] {
  const lines = platformAdmins(people, nowMs)
    .sort((a, b) => (a.doc.email < b.doc.email ? -1 : 1))
    .map(({ doc, lastSeenAt }) =>
      [doc.email, oneLine(doc.name), doc.status, factorsOf(doc).join('+'), `last seen ${lastSeenAt ?? 'never'}`].join('  '),
    )
  return lines.length === 0 ? ['Nobody is a platform admin. Start the service and use the setup token.'] : lines
}

type Work = {
  readonly collections: Collections
  readonly people: PeopleBook
  readonly append: Awaited<ReturnType<typeof openAuditLog>>['append']
  readonly config: Config
  readonly account: string
  readonly now: () => number
}

async function resetAdmin(
  { collections, people, append, config, account, now }: Work,
  { email, withoutSecondFactor }: Extract<Command, { what: 'admin:reset-link' }>,
): Promise<string[]> {
  const admin = platformAdmins(people, now()).find(({ doc }) => doc.email === email)
  if (!admin) throw new CommandRefused(`${email} is no platform admin. “admin:list” shows who is; an admin helps everybody else.`)
  if (admin.doc.status !== 'active') throw new CommandRefused(`${email} is disabled. Another admin can enable them.`)
  const recorded = async <R>(action: string, deed: () => Promise<R>): Promise<R> => {
    const row = {
      action,
      actor: { kind: 'service', id: 'platform-cli', name: account } as const,
      requestId: `cli-${randomUUID()}`,
      target: admin.id,
      risk: 'change',
      details: { origin: 'command', account },
    } as const
    const { seq: of } = await append({ ...row, outcome: 'started' })
    try {
      const result = await deed()
      await append({ ...row, outcome: 'done', of })
      return result
    } catch (error) {
      await append({ ...row, outcome: 'failed', of, code: 'INTERNAL' })
      throw error
    }
  }
  const { resetMinutes } = (await openSignInSettings(collections.system, now)).current()
  const resets = createResetBook({ resets: collections.resets, challenges: collections.challenges, minutes: () => resetMinutes, now })
  if (withoutSecondFactor)
    await recorded('users.factor.reset', () =>
      people.update(admin.id, ({ totp: _totp, totpOffered: _offered, recovery: _recovery, passkeys: _passkeys, ...doc }) => doc),
    )
  const { token, expiresAt } = await recorded('users.resetLink.create', () =>
    resets.create(admin.id, { origin: 'command', createdBy: `platform-cli (${account})` }),
  )
  return [
    resetLinkOf(config.adminWebUrl, token),
    `Start the service, then open the link. It works once, until ${expiresAt}, and ends every session of ${email}.`,
    withoutSecondFactor
      ? 'Authenticator, recovery codes and passkeys were taken away: set them up anew after signing in.'
      : 'Signing in asks for the second factor as before.',
  ]
}

/** Names are what somebody typed; a terminal obeys some characters. */
function oneLine(text: string): string {
  return text.replace(/\p{C}+/gu, ' ')
}
