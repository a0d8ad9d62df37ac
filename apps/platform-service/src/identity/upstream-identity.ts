import { hashOf } from './secret-value.ts'

/** Who somebody is at the provider. An e-mail is not part of it: those change hands. */
export type UpstreamIdentity = { readonly issuer: string; readonly subject: string }

/** The id under which an account at the provider is unique. */
export const upstreamKeyOf = ({ issuer, subject }: UpstreamIdentity): string => `upstream:${hashOf(JSON.stringify([issuer, subject]))}`
