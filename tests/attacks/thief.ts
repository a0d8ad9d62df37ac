/**
 * A program with all that devops-backend has and sees: its keys, the reference and tie of somebody who uses it, and a confirmation that
 * passed through it. It tries everything at both sockets and at platform-service, and tells what was answered, as JSON. What it stole
 * comes on its standard input.
 */
import { appendFileSync, closeSync, openSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { loadOrCreateServiceKey } from '@console/tokens/key-files'
import { signServiceToken } from '@console/tokens/service-token'
import { allVerbs } from '@console/verbs/all'
import { grantClaims, headerOf, nowSec, signed } from './forged-tokens.ts'
import { askApi, askDaemon, bodyOf, codeOf } from './raw-asking.ts'

type Daemon = 'host-agent' | 'docker-proxy'
/** What was taken, and where it is tried. */
export type Loot = {
  /** The folder of devops-backend's own key, and the folder of everybody's public ones. */
  readonly dir: string
  readonly keysDir: string
  readonly platformPort: number
  readonly sockets: Readonly<Record<Daemon, string>>
  readonly reference: string
  readonly tie: string
  /** Somebody confirmed this while the thief looked on. */
  readonly seen: { readonly digest: string; readonly grant: string }
  readonly scriptId: string
  readonly container: string
  /** What belongs to others on this host; nothing where the thief has the account of whoever runs the tests. */
  readonly files: { readonly read: readonly string[]; readonly write: readonly string[]; readonly sockets: readonly string[] }
}
export type Try = { readonly what: string; readonly status: number; readonly code: string; readonly requestId: string }
export type Told = {
  readonly tries: readonly Try[]
  /** How long the access token lives that the reference gave, in seconds; null where it gave none. */
  readonly livesSec: number | null
  readonly accessToken: string | null
  readonly uid: number | undefined
  /** Which of the files and sockets of others were reached, and how many were refused. */
  readonly reached: readonly string[]
  readonly refusedFiles: number
}

const loot = JSON.parse(await text(process.stdin)) as Loot
const key = loadOrCreateServiceKey({ dir: loot.dir, keysDir: loot.keysDir, name: 'devops-backend' })
const serviceTokenFor = (audience: string) => signServiceToken(key, { name: 'devops-backend', audience, nowMs: Date.now() })
const tries: Try[] = []

const json = ['content-type', 'application/json'] as const
const bearer = (token: string) => ['authorization', `Bearer ${token}`] as const
const post = (target: string, headers: readonly (readonly [string, string])[], body: object) =>
  askApi(loot.platformPort, { method: 'POST', target: `/platform/api${target}`, headers: [json, ...headers], body })

async function ask(
  what: string,
  { daemon, verb, ...call }: { daemon: Daemon; verb: string; authorization?: string; grant?: string; args?: object },
): Promise<Record<string, unknown>> {
  const answer = await askDaemon(loot.sockets[daemon], verb, call)
  const [status, code] = codeOf(answer)
  tries.push({ what: `${verb}: ${what}`, status, code, requestId: answer.requestId })
  return bodyOf(answer)
}

const introspected = bodyOf(
  await post('/internal/introspect', [bearer(serviceTokenFor('platform-service'))], {
    token: loot.reference,
    tie: loot.tie,
    activity: false,
  }),
)
const accessToken = introspected.active === true ? String(introspected.accessToken) : null
const claims = JSON.parse(Buffer.from(accessToken?.split('.')[1] ?? '', 'base64url').toString() || '{}') as {
  exp?: number
  sid?: string
  sub?: string
}

const { reached, refusedFiles } = await atOthersFiles()
await atTheSockets()
if (accessToken !== null) {
  await asTheRoleMay(accessToken)
  await unconfirmed(accessToken)
  await atPlatformService(accessToken)
}
const told: Told = {
  tries,
  livesSec: claims.exp === undefined ? null : claims.exp - nowSec(),
  accessToken,
  uid: process.getuid?.(),
  reached,
  refusedFiles,
}
process.stdout.write(JSON.stringify(told))

/** Only what the system itself refuses counts as refused: a file that is not there would say nothing. */
async function atOthersFiles(): Promise<{ reached: string[]; refusedFiles: number }> {
  const tryOne = async (what: string, reach: () => Promise<void> | void): Promise<string | null> => {
    try {
      await reach()
      return what
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      return code === 'EACCES' || code === 'EPERM' ? null : `${what}: ${code}`
    }
  }
  const { read, write, sockets } = loot.files
  const outcomes = await Promise.all([
    ...read.map((path) => tryOne(`read ${path}`, () => closeSync(openSync(path, 'r')))),
    ...write.map((path) => tryOne(`write ${path}`, () => appendFileSync(path, ''))),
    ...sockets.map((path) =>
      tryOne(
        `connect ${path}`,
        () =>
          new Promise<void>((resolve, reject) => {
            const socket = connect({ path }, resolve).once('error', reject)
            socket.once('connect', () => socket.destroy())
          }),
      ),
    ),
  ])
  const reached = outcomes.filter((one) => one !== null)
  return { reached, refusedFiles: outcomes.length - reached.length }
}

/** Every verb, without anything and with the backend's own key. */
async function atTheSockets(): Promise<void> {
  for (const { id, daemon, stream } of allVerbs) {
    await ask('without a token', { daemon, verb: id })
    // What streams would go on; that it is read by this key is looked at elsewhere.
    if (!stream)
      await ask('by the key', { daemon, verb: id, authorization: `Bearer ${serviceTokenFor(daemon)}`, args: { nothingKnowsThis: true } })
  }
}

async function asTheRoleMay(token: string): Promise<void> {
  const authorization = `Bearer ${token}`
  await ask('as the role may', { daemon: 'host-agent', verb: 'scripts.list', authorization })
  await ask('as the role may', {
    daemon: 'docker-proxy',
    verb: 'containers.restart',
    authorization,
    args: { container: loot.container, waitSec: 1 },
  })
  const run = {
    runId: 'stolen-run',
    scriptId: loot.scriptId,
    serviceId: 'stolen',
    reason: 'by a thief',
    onBusy: 'queue',
    variables: {},
    secretNames: [],
  }
  await ask('as the role may', { daemon: 'host-agent', verb: 'runs.start', authorization, args: run })
}

/** Each verb that destroys, on a plan that is true where one can be had, with everything that could pass for a confirmation. */
async function unconfirmed(token: string): Promise<void> {
  const authorization = `Bearer ${token}`
  const digestOf = async (daemon: Daemon, verb: string, args: object) =>
    String((await ask('a plan', { daemon, verb, authorization, args })).digest ?? 'ab'.repeat(32))
  const plans: Record<string, { daemon: Daemon; args: Record<string, string> }> = {
    'scripts.approve': { daemon: 'host-agent', args: { digest: await digestOf('host-agent', 'scripts.plan', { scriptId: 'another' }) } },
    'cleanup.run': { daemon: 'docker-proxy', args: { digest: await digestOf('docker-proxy', 'cleanup.plan', { kinds: ['containers'] }) } },
  }
  for (const { id, daemon, risk } of allVerbs) {
    if (risk !== 'destroy') continue
    const { args } = plans[id] ?? { args: { digest: 'ab'.repeat(32), ...(id === 'ollama.delete' && { name: 'a:latest' }) } }
    const forged = grantClaims({ aud: daemon, sub: claims.sub, sid: claims.sid, verb: id, digest: args.digest })
    await ask('without a confirmation', { daemon, verb: id, authorization, args })
    await ask('confirmed by the backend’s own key', {
      daemon,
      verb: id,
      authorization,
      args,
      grant: signed(headerOf('grant+jwt', key), forged, key.privateKey),
    })
  }
  const approve = { daemon: 'host-agent', verb: 'scripts.approve', authorization } as const
  await ask('with a confirmation that was used', { ...approve, args: { digest: loot.seen.digest }, grant: loot.seen.grant })
  await ask('with one that was given for another plan', { ...approve, args: plans['scripts.approve']?.args ?? {}, grant: loot.seen.grant })
  await ask('with the access token as one', { ...approve, args: plans['scripts.approve']?.args ?? {}, grant: token })
}

/** Whatever would make a confirmation, a person, a role or a token. */
async function atPlatformService(token: string): Promise<void> {
  const cookie = ['cookie', `__Secure-bl_ref=${loot.reference}; __Host-bl_tie=${loot.tie}`] as const
  const asSession = ['cookie', `__Secure-bl_sid=${loot.reference}; __Host-bl_tie=${loot.tie}`] as const
  const page = [
    ['origin', 'http://localhost:3000'],
    ['sec-fetch-site', 'same-site'],
  ] as const
  const credentials = {
    'the access token': [bearer(token)],
    'the reference': [cookie, ...page],
    'the reference as a session': [asSession, ...page],
    'the key': [bearer(serviceTokenFor('platform-service'))],
  }
  const wishes: Record<string, object> = {
    '/auth/grants': { verb: 'scripts.approve', digest: 'ab'.repeat(32) },
    '/auth/step-up': { password: 'a guess of the password' },
    '/auth/api-tokens': { name: 'x', productId: 'bytelyst-devops', actions: ['scripts.script.list'], days: 1 },
    '/invites': { email: 'thief@example.net', memberships: [{ productId: 'bytelyst-devops', role: 'admin' }] },
  }
  for (const [path, body] of Object.entries(wishes))
    for (const [what, headers] of Object.entries(credentials)) {
      const [status, code] = codeOf(await post(path, headers, body))
      tries.push({ what: `${path}: ${what}`, status, code, requestId: '' })
    }
}
