/** The only place that knows an address of this dashboard. */
export const paths = { people: '/people', invite: '/invite', audit: '/audit' } as const
