import * as apiTokens from '@console/contracts/api-tokens/actions'
import { type BoundAction, bind } from '@console/http-kit/bind'
import { type ApiTokenDeps, createApiToken, listApiTokens, listOwnApiTokens, revokeApiToken, revokeOwnApiToken } from './api-tokens.ts'

export const bindApiTokens = (deps: ApiTokenDeps): BoundAction[] => [
  bind(apiTokens.listOwnApiTokens, async ({ ctx }) => ({ items: await listOwnApiTokens(deps, ctx), nextCursor: null })),
  bind(apiTokens.createApiToken, ({ ctx, body }) => createApiToken(deps, ctx, body)),
  bind(apiTokens.revokeOwnApiToken, ({ ctx, params }) => revokeOwnApiToken(deps, ctx, params.id)),
  bind(apiTokens.listApiTokens, ({ query }) => listApiTokens(deps, query)),
  bind(apiTokens.revokeApiToken, ({ ctx, params }) => revokeApiToken(deps, ctx, params.id)),
]
