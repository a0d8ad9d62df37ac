import { expect } from 'vitest'
import { follow } from './follow.ts'
import type { Place } from './place.ts'

/** A runbook, and the whole way from what is wrong to a console that is well again. */
type Book = { readonly name: string; readonly go: (place: Place) => Promise<unknown> }

const secrets = '/etc/bytelyst-console/secrets'
/** The keys that sign, the newest first. */
const keys = async (place: Place): Promise<string[]> =>
  [
    ...(await place.machine.must(`cat /var/lib/bytelyst-keys/*platform* /var/lib/bytelyst-keys/*token* 2>/dev/null || true`)).matchAll(
      /"kid": ?"([^"]+)"/g,
    ),
  ].map(([, kid = '']) => kid)

const rotateSecret: Book = {
  name: 'rotate-secret',
  go: async (place) => {
    const { machine, words } = place
    await place.admin()
    const [before] = [await machine.must(`cat ${secrets}/jwt_secret`)]
    let both: string[] = []
    await follow(machine, {
      document: 'docs/runbooks/rotate-secret.md',
      words,
      steps: [
        { at: 'openssl rand -base64 32', sees: /^\S{44}$/m },
        {
          at: `cp ${secrets}/jwt_secret ${secrets}/jwt_secret_previous`,
          after: async () => {
            await place.areWell()
            expect(await machine.must(`cat ${secrets}/jwt_secret_previous`)).toBe(before)
            expect(await machine.must(`stat -c '%u %a' ${secrets}/jwt_secret ${secrets}/jwt_secret_previous`)).toBe('1001 400\n1001 400\n')
            both = await keys(place)
            // Nobody is signed out.
            await place.isSignedIn()
          },
        },
        {
          at: 'cp /dev/null',
          after: async () => {
            await place.areWell()
            expect((await keys(place)).length).toBe(both.length - 1)
            await place.isSignedIn()
          },
        },
      ],
    })
  },
}

/** One after the other on one machine. */
export const books: readonly Book[] = [rotateSecret]
export const bookNames: readonly string[] = books.map(({ name }) => name)
