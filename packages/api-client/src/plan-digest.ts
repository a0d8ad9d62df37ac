import { canonical, directPlan, type Plain } from '@console/contracts/canonical'

/** Lower-case hex SHA-256 of the canonical text of a plan: of the very object that was shown. */
export function digestOf(plan: Plain): Promise<string> {
  return sha256Of(canonical(plan))
}

/** Lower-case hex SHA-256 of a text. */
export async function sha256Of(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The digest of a destroy action that has no plan route. */
export function directDigest(verb: string, args: { readonly [name: string]: Plain }): Promise<string> {
  return digestOf(directPlan(verb, 'local', args))
}
