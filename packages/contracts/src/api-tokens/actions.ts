import { z } from 'zod'
import { defineAction } from '../action.ts'
import { ProductId } from '../people/schemas.ts'
import { Id, pageOf, pageQuery } from '../shapes.ts'
import { ActionId, ApiToken } from './schemas.ts'

const own = { api: 'platform', auth: 'session', role: 'any' } as const
const admin = { api: 'platform', auth: 'session', role: 'admin' } as const
const params = z.strictObject({ id: Id })

export const listOwnApiTokens = defineAction({
  ...own,
  id: 'apiTokens.ownToken.list',
  method: 'GET',
  path: '/auth/api-tokens',
  risk: 'none',
  summary: 'List your own API tokens.',
  success: { status: 200, body: pageOf(ApiToken) },
  errors: [],
})

export const createApiToken = defineAction({
  ...own,
  id: 'apiTokens.ownToken.create',
  method: 'POST',
  path: '/auth/api-tokens',
  risk: 'change',
  summary: 'Make an API token for a program of yours.',
  body: z.strictObject({
    name: z.string().trim().min(1).max(80),
    productId: ProductId,
    actions: z.array(ActionId).min(1).max(200),
    expiresInDays: z.int().min(1).max(365),
  }),
  success: { status: 201, body: z.strictObject({ token: ApiToken, secret: z.string() }) },
  errors: ['API_TOKEN_ACTION_REFUSED', 'API_TOKEN_LIMIT', 'PRODUCT_NOT_FOUND', 'AUTH_STEP_UP_REQUIRED'],
  audit: { target: { body: 'name' }, fields: { name: 'keep', productId: 'keep', actions: 'keep', expiresInDays: 'keep' } },
})

export const revokeOwnApiToken = defineAction({
  ...own,
  id: 'apiTokens.ownToken.revoke',
  method: 'DELETE',
  path: '/auth/api-tokens/:id',
  risk: 'change',
  summary: 'End one of your API tokens.',
  params,
  success: { status: 204 },
  errors: ['API_TOKEN_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {} },
})

export const listApiTokens = defineAction({
  ...admin,
  id: 'apiTokens.token.list',
  method: 'GET',
  path: '/api-tokens',
  risk: 'read',
  summary: 'List everybody’s API tokens.',
  query: z.strictObject({ ...pageQuery, userId: Id.optional() }),
  success: { status: 200, body: pageOf(ApiToken) },
  errors: [],
})

export const revokeApiToken = defineAction({
  ...admin,
  id: 'apiTokens.token.revoke',
  method: 'DELETE',
  path: '/api-tokens/:id',
  risk: 'change',
  summary: 'End anybody’s API token.',
  params,
  success: { status: 204 },
  errors: ['API_TOKEN_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: {} },
})
