/** The only place that knows an address of this dashboard. */
export const paths = {
  people: '/people',
  peopleWith: (words: string) => `/people?q=${encodeURIComponent(words)}`,
  invitePerson: '/people?invite=1',
  products: '/products',
  product: (id: string) => `/products/view?id=${encodeURIComponent(id)}`,
  invite: '/invite',
  reset: '/reset',
  upstream: '/upstream',
  sessions: '/sessions',
  apiTokens: '/api-tokens',
  throttles: '/throttles',
  audit: '/audit',
} as const
