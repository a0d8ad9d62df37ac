import { createHash } from 'node:crypto'
import type { ImportResult, ImportRow } from '@console/contracts/people/exchange'
import type { importUsers as importAction } from '@console/contracts/people/exchange-actions'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { z } from 'zod'
import { inviteState } from '../../identity/invite-book.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { Mailed } from '../../mail/mailer.ts'
import { type OneByOneDeps, oneOfMany } from '../../one-by-one.ts'
import { newAccess, type PeopleDeps } from './people.ts'
import { type ReadRow, readImport } from './read-import.ts'

type Wish = z.output<NonNullable<(typeof importAction)['body']>>
type Invited = { readonly invite: { readonly id: string }; readonly link: string | null } & Mailed
export type ImportDeps = PeopleDeps &
  OneByOneDeps & {
    readonly newId: () => string
    readonly createInvite: (
      ctx: Context,
      wish: { email: string; name?: string | undefined; memberships: ImportRow['memberships']; expiresInHours?: number | undefined },
    ) => Promise<Invited>
  }
type Memberships = {
  readonly productId: string
  readonly role: 'viewer' | 'operator' | 'admin'
  readonly plan: string
  readonly expiresAt: string | null
}[]
type Judged = Pick<ImportResult, 'outcome' | 'rule' | 'detail'> & { readonly memberships: Memberships }

/**
 * Row by row, each judged anew at its turn and with rows of its own in the audit log. Whoever is there already, or invited, is left as they
 * are: a file that is sent twice does nothing the second time.
 */
export async function importUsers(deps: ImportDeps, ctx: Context, wish: Wish) {
  assertFreshFactor(deps.signedIn(ctx.actor), deps.now())
  const rows = readImport(wish.format, wish.text)
  const results: ImportResult[] = []
  for (const read of rows) results.push(await resultOf(deps, ctx, wish, read))
  const many = (...outcomes: ImportResult['outcome'][]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length
  const counts = { created: many('created', 'wouldCreate'), exists: many('exists'), refused: many('refused') }
  ctx.tell({ rows: rows.length, ...counts, sha256: createHash('sha256').update(wish.text).digest('hex') })
  return { results, ...counts, dryRun: wish.dryRun }
}

async function resultOf(deps: ImportDeps, ctx: Context, wish: Wish, read: ReadRow): Promise<ImportResult> {
  const about = { row: read.row, email: read.email, name: read.name, id: null, link: null, mail: null }
  if (!('wish' in read)) return { ...about, outcome: 'refused', rule: read.rule, detail: read.detail }
  const { memberships, ...judged } = await judge(deps, wish.as, read.wish)
  if (judged.outcome !== 'wouldCreate' || wish.dryRun) return { ...about, email: read.wish.email, ...judged }
  let made: Pick<ImportResult, 'id' | 'link' | 'mail'> = { id: null, link: null, mail: null }
  const { email, name } = read.wish
  const id = deps.newId()
  const isInvite = wish.as === 'invites'
  const row = {
    action: isInvite ? 'invites.invite.create' : 'users.user.create',
    target: isInvite ? email : id,
    input: { email, name, memberships },
    details: { import: true, row: read.row },
  }
  const { outcome, code, detail } = await oneOfMany(deps, ctx, row, async (theirs) => {
    if (isInvite) {
      const invited = await deps.createInvite(theirs, {
        email,
        ...(name !== null && { name }),
        memberships,
        expiresInHours: wish.expiresInHours,
      })
      made = { id: invited.invite.id, link: invited.link, mail: invited.mail }
      return
    }
    await deps.people.create({ id, email, name: name ?? email, password: null, memberships, inviteId: null })
    made = { ...made, id }
  })
  if (outcome === 'done') return { ...about, email, outcome: 'created', rule: null, detail: null, ...made }
  // Somebody else was faster.
  return { ...about, email, outcome: code === 'USER_EXISTS' ? 'exists' : 'refused', rule: code, detail }
}

/** What would become of a row now. */
async function judge(deps: ImportDeps, as: Wish['as'], { email, name, memberships }: ImportRow): Promise<Judged> {
  const told = (outcome: Judged['outcome'], rule: string, detail: string): Judged => ({ outcome, rule, detail, memberships: [] })
  const checked: Memberships = []
  try {
    for (const one of memberships)
      checked.push({ productId: one.productId, role: one.role, ...(await newAccess(deps, one.productId, one)) })
  } catch (error) {
    if (error instanceof AppError) return told('refused', error.code, error.message.replace(/^body\./, 'memberships.'))
    throw error
  }
  if ((await deps.people.idOf(email)) !== null) return told('exists', 'USER_EXISTS', 'Is there already, and stays as they are.')
  const isInvited = deps.invites.all().some((invite) => invite.email === email && inviteState(invite, deps.now()) === 'open')
  if (isInvited) return told('exists', 'INVITE_OPEN', 'Has an open invite, which stays as it is.')
  if (as === 'people' && name === null) return told('refused', 'NAME_MISSING', 'name: a person who is entered without an invite needs one.')
  return { outcome: 'wouldCreate', rule: null, detail: null, memberships: checked }
}
