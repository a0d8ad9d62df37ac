import { type Answer, type Browser, newBrowser, type Over } from './browser.ts'
import { type Authenticators, enrol, enrolIfAsked, postOf, signInWhole } from './second-factor.ts'

/** One person's browser, as it meets the two APIs. */
export type Person = {
  readonly devops: Browser
  readonly platform: Browser
  /** A confirmation for one verb and one plan. */
  grant(verb: string, digest: string): Promise<string>
}
/** Who uses a console: its newcomer, and whoever the first admin lets in. */
export type People = {
  /** A page where nobody is signed in. */
  stranger(): Person
  /** The first admin, signed in. */
  setUp(setupToken: string): Promise<Person>
  /** A colleague who came by an invite, signed in. */
  invite(admin: Person, role: Role): Promise<Person>
  /** Gives somebody an authenticator, so that they can sign in again beside this session. */
  enrol(person: Person, email: string): Promise<void>
  /** Somebody signs in in another browser, whole. */
  signIn(email: string, password: string): Promise<Person>
  /** The browser of somebody who signed in before a restart. */
  again(person: Person): Promise<Person>
}
type Role = 'viewer' | 'operator' | 'admin'
/** Where a console is, and the origin of the page that calls its APIs. */
export type Place = { readonly devopsPort: number; readonly platformPort: number; readonly origin: string; readonly over?: Over }

/** The password of everybody whom `peopleOf` makes. */
export const password = 'violet harbor quartz ninety'

export function peopleOf({ devopsPort, platformPort, origin, over }: Place): People {
  let invited = 0
  const authenticators: Authenticators = new Map()
  const browserOf = (jar?: Browser['jar']): Person => {
    const platform = newBrowser({ port: platformPort, prefix: '/platform/api', origin, ...(over && { over }) }, jar)
    return {
      platform,
      devops: newBrowser({ port: devopsPort, prefix: '/api/devops', origin, ...(over && { over }) }, platform.jar),
      grant: async (verb, digest) => String(good(await platform.post('/auth/grants', { verb, digest }), 201).body.grant),
    }
  }
  const signedIn = async (person: Person): Promise<Person> => {
    good(await person.platform.get('/auth/session'), 200)
    good(await person.devops.get('/csrf-token'), 200)
    return person
  }
  return {
    stranger: () => browserOf(),
    async enrol({ platform }, email) {
      authenticators.set(email, await enrol(postOf(platform)))
    },
    async signIn(email, shown) {
      const person = browserOf()
      good(await signInWhole(person.platform, { email, password: shown }, authenticators), 200)
      return signedIn(person)
    },
    again: (person) => signedIn(browserOf(person.platform.jar)),
    async setUp(token) {
      const person = browserOf()
      good(await person.platform.post('/setup', { token, email: 'first@example.net', password, name: 'First Admin' }), 201)
      return signedIn(person)
    },
    async invite(admin, role) {
      invited += 1
      const email = invited === 1 ? `${role}@example.net` : `${role}-${invited}@example.net`
      const memberships = [{ productId: 'bytelyst-devops', role }]
      const made = good(await admin.platform.post('/invites', { email, memberships }), 201)
      const person = browserOf()
      const token = String(made.body.link).split('#')[1]
      good(await person.platform.post('/invites/accept', { token, name: role, password }), 201)
      await enrolIfAsked(person.platform, email, authenticators)
      return signedIn(person)
    },
  }
}

/** Approves a script as the dialog does: reads the plan, confirms its digest. */
export async function approve({ devops, grant }: Person, scriptId: string): Promise<void> {
  const { digest } = good(await devops.post(`/scripts/${scriptId}/plan`, {}), 200).body
  const headers = { 'x-grant': await grant('scripts.approve', String(digest)) }
  good(await devops.post(`/scripts/${scriptId}/approve`, { digest }, headers), 200)
}

/** What a form sends for a service without checks, containers or variables. */
export function aService(name: string, scriptId: string | null = null): object {
  return {
    name,
    description: '',
    environment: 'internal',
    tags: [],
    owner: '',
    url: null,
    repository: null,
    checks: [],
    scriptId,
    containers: { by: 'none' },
    onBusy: 'refuse',
    approval: 'none',
    verifyWindowSec: 5,
  }
}

/** The answer, if it has the status that was expected. @throws Error with what was answered instead */
export function good(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`)
  return answer
}
