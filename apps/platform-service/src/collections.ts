import type { Collection, Declaration, DocStore } from '@console/store/port'
import type {
  ApiTokenDoc,
  ChallengeDoc,
  IdentifierDoc,
  InviteDoc,
  MembershipDoc,
  PasskeyQuestionDoc,
  PastSessionDoc,
  ProductDoc,
  ReferenceDoc,
  ResetDoc,
  SessionDoc,
  SystemDoc,
  ThrottleDoc,
  UpstreamFlowDoc,
  UserDoc,
} from './documents.ts'
import { type Watched, watched } from './watched-collection.ts'

/** One partition for each collection: a question stays in one, and all of these are listed or swept. */
export const partition = 'all'

/** Everything that platform-service keeps in the store. */
export type Collections = {
  readonly users: Watched<UserDoc>
  readonly identifiers: Collection<IdentifierDoc>
  readonly memberships: Watched<MembershipDoc>
  readonly products: Collection<ProductDoc>
  readonly sessions: Watched<SessionDoc>
  readonly pastSessions: Watched<PastSessionDoc>
  readonly references: Collection<ReferenceDoc>
  readonly throttles: Collection<ThrottleDoc>
  /** Invites, API tokens, sign-ins under way and links for a new password lie in one collection, told apart by `kind`. */
  readonly invites: Collection<InviteDoc>
  readonly apiTokens: Collection<ApiTokenDoc>
  readonly challenges: Collection<ChallengeDoc>
  readonly resets: Collection<ResetDoc>
  readonly passkeyQuestions: Collection<PasskeyQuestionDoc>
  readonly upstreamFlows: Collection<UpstreamFlowDoc>
  readonly system: Collection<SystemDoc>
}

const tokens: Declaration = {
  name: 'pf_tokens',
  fields: { expiresAt: 'ascii', kind: 'ascii', userId: 'ascii', tokenId: 'ascii' },
}

export const declarations = {
  users: { name: 'pf_users', fields: {} },
  identifiers: { name: 'pf_identifiers', fields: { expiresAt: 'ascii' } },
  memberships: { name: 'pf_memberships', fields: { userId: 'ascii', productId: 'ascii' } },
  products: { name: 'pf_products', fields: {} },
  sessions: {
    name: 'pf_sessions',
    fields: { sid: 'ascii', userId: 'ascii', expiresAt: 'ascii', lastUsedAt: 'ascii', endedAt: 'ascii' },
    sort: ['lastUsedAt'],
  },
  pastSessions: { name: 'pf_past_sessions', fields: { userId: 'ascii', expiresAt: 'ascii', endedAt: 'ascii' }, sort: ['endedAt'] },
  references: { name: 'pf_references', fields: { expiresAt: 'ascii' } },
  throttles: { name: 'pf_throttles', fields: { expiresAt: 'ascii' } },
  invites: tokens,
  apiTokens: tokens,
  challenges: tokens,
  resets: tokens,
  passkeyQuestions: tokens,
  upstreamFlows: tokens,
  system: { name: 'pf_system', fields: {} },
} as const satisfies Record<keyof Collections, Declaration>

export function openCollections(store: DocStore): Collections {
  return {
    users: watched(store.collection<UserDoc>(declarations.users), partition),
    identifiers: store.collection<IdentifierDoc>(declarations.identifiers),
    memberships: watched(store.collection<MembershipDoc>(declarations.memberships), partition),
    products: store.collection<ProductDoc>(declarations.products),
    sessions: watched(store.collection<SessionDoc>(declarations.sessions), partition),
    pastSessions: watched(store.collection<PastSessionDoc>(declarations.pastSessions), partition),
    references: store.collection<ReferenceDoc>(declarations.references),
    throttles: store.collection<ThrottleDoc>(declarations.throttles),
    invites: store.collection<InviteDoc>(declarations.invites),
    apiTokens: store.collection<ApiTokenDoc>(declarations.apiTokens),
    challenges: store.collection<ChallengeDoc>(declarations.challenges),
    resets: store.collection<ResetDoc>(declarations.resets),
    passkeyQuestions: store.collection<PasskeyQuestionDoc>(declarations.passkeyQuestions),
    upstreamFlows: store.collection<UpstreamFlowDoc>(declarations.upstreamFlows),
    system: store.collection<SystemDoc>(declarations.system),
  }
}
