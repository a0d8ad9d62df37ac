import type { Action } from '@console/contracts/action'
import type { ApiToken } from '@console/contracts/api-tokens/schemas'
import { roleAllows } from '@console/contracts/roles'
import { tokenMay } from '@console/contracts/token-may'
import type { Context } from '@console/http-kit/context'
import { AppError } from '@console/http-kit/problem'
import type { ApiTokenDoc, MembershipDoc } from '../../documents.ts'
import { type ApiTokenBook, apiTokenState } from '../../identity/api-token-book.ts'
import { isLive, type PeopleBook } from '../../identity/people-book.ts'
import { devopsProduct, type Products, platformProduct } from '../../identity/products.ts'
import { assertFreshFactor } from '../../identity/proof.ts'
import type { SignedIn } from '../../identity/recognition.ts'
import { mustEnrol } from '../../identity/second-factor-rule.ts'
import type { SignInSettingsBook } from '../../identity/sign-in-settings.ts'

export type ApiTokenDeps = {
  readonly apiTokens: ApiTokenBook
  readonly people: PeopleBook
  readonly products: Products
  readonly settings: SignInSettingsBook
  /** Every action of both our APIs; what another product's API offers is not known here. */
  readonly actions: readonly Action[]
  readonly signedIn: (actor: Context['actor']) => SignedIn
  readonly now: () => number
}
type Wish = { readonly name: string; readonly productId: string; readonly actions: readonly string[]; readonly expiresInDays: number }

const mostPerPerson = 50

export async function listOwnApiTokens(deps: ApiTokenDeps, ctx: Context): Promise<ApiToken[]> {
  return showAll(deps, await deps.apiTokens.list(deps.signedIn(ctx.actor).user.id))
}

/** @throws AppError API_TOKEN_ACTION_REFUSED names the first action that is not to be had */
export async function createApiToken(deps: ApiTokenDeps, ctx: Context, wish: Wish): Promise<{ token: ApiToken; secret: string }> {
  const me = deps.signedIn(ctx.actor)
  assertFreshFactor(me, deps.now())
  const product = deps.products.get(wish.productId)
  if (product === null || product.status === 'retired') throw new AppError('PRODUCT_NOT_FOUND', 404, 'There is no such product.')
  const membership = await deps.people.membership(me.user.id, wish.productId)
  const actions = [...new Set(wish.actions)].sort()
  for (const id of actions) {
    const why = whyRefused(id, wish.productId, { membership, actions: deps.actions, nowMs: deps.now() })
    if (why !== null) throw new AppError('API_TOKEN_ACTION_REFUSED', 400, `body.actions: ${id} ${why}`)
  }
  const mine = await deps.apiTokens.list(me.user.id)
  if (mine.filter((one) => apiTokenState(one, deps.now()) === 'active').length >= mostPerPerson)
    throw new AppError('API_TOKEN_LIMIT', 409, `You have ${mostPerPerson} API tokens. End one that is not used any more.`)
  const { name, productId, expiresInDays: days } = wish
  const { token, secret } = await deps.apiTokens.create({ userId: me.user.id, name, productId, actions, days })
  return { token: await shown(deps, token), secret }
}

/** Somebody else's token and one that does not exist are told the same. */
export async function revokeOwnApiToken(deps: ApiTokenDeps, ctx: Context, tokenId: string): Promise<void> {
  const { user } = deps.signedIn(ctx.actor)
  if (!(await deps.apiTokens.revoke(tokenId, user.id, user.id))) throw notFound()
}

/** In the order of their making, newest first; the cursor is the id of the last one shown. */
export async function listApiTokens(
  deps: ApiTokenDeps,
  { limit = 50, cursor, userId }: { limit?: number | undefined; cursor?: string | undefined; userId?: string | undefined },
): Promise<{ items: ApiToken[]; nextCursor: string | null }> {
  const all = await deps.apiTokens.list(userId)
  const from = cursor === undefined ? 0 : all.findIndex(({ tokenId }) => tokenId === cursor) + 1
  if (cursor !== undefined && from === 0) throw new AppError('INPUT_INVALID', 400, 'query.cursor: is not one that this list answered.')
  const page = all.slice(from, from + limit)
  return {
    items: await showAll(deps, page),
    nextCursor: all.length > from + limit ? (page.at(-1)?.tokenId ?? null) : null,
  }
}

export async function revokeApiToken(deps: ApiTokenDeps, ctx: Context, tokenId: string): Promise<void> {
  if (!(await deps.apiTokens.revoke(tokenId, ctx.actor.id))) throw notFound()
}

const apiOf: Readonly<Record<string, Action['api']>> = { [devopsProduct]: 'devops', [platformProduct]: 'platform' }

/** Why a token may not carry an action, as the end of a sentence; null when it may. A token can never do more than its person. */
function whyRefused(
  id: string,
  productId: string,
  { membership, actions, nowMs }: { membership: MembershipDoc | null; actions: readonly Action[]; nowMs: number },
): string | null {
  const role = membership && isLive(membership, nowMs) ? membership.role : null
  if (role === null) return 'is of a product that you have no access to.'
  const api = apiOf[productId]
  if (api === undefined) return null
  const action = actions.find((one) => one.id === id && one.api === api)
  if (!action) return `is no action of ${productId}.`
  if (!tokenMay(action)) return 'is never done by a token: it needs a person.'
  return roleAllows(role, action.role) ? null : `needs the role ${action.role}, and you are ${role}.`
}

const showAll = (deps: ApiTokenDeps, tokens: readonly ApiTokenDoc[]) => Promise.all(tokens.map((token) => shown(deps, token)))

async function shown(deps: ApiTokenDeps, token: ApiTokenDoc): Promise<ApiToken> {
  const { tokenId, name, begins, userId, productId, actions, createdAt, endsAt, lastUsedAt, lastAddress } = token
  const owner = deps.people.find(userId)
  const state = apiTokenState(token, deps.now())
  return {
    id: tokenId,
    name,
    begins,
    owner: { id: userId, name: owner?.doc.name ?? 'a person who is gone' },
    productId,
    actions,
    createdAt,
    expiresAt: endsAt,
    lastUsedAt,
    lastAddress,
    state: state === 'active' && owner && (await mustEnrol(deps, owner)) ? 'resting' : state,
  }
}

function notFound(): AppError {
  return new AppError('API_TOKEN_NOT_FOUND', 404, 'There is no such API token, or it has ended.')
}
