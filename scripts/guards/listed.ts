import { codeGuards } from './code.ts'
import { daemonGuards } from './daemons.ts'
import { deployGuards } from './deploy.ts'
import type { Guard } from './guard.ts'
import { identityGuards } from './identity.ts'
import { intakeGuards } from './intake.ts'
import { logGuards } from './logs.ts'
import { passwordGuards } from './passwords.ts'
import { restoreGuards } from './restores.ts'
import { scheduleGuards } from './schedules.ts'
import { storeGuards } from './stores.ts'
import { upstreamGuards } from './upstream.ts'
import { vmGuards } from './vm.ts'

const steps = 'packages/http-kit/src/steps.ts'
const stepTests = ['packages/http-kit/src/steps.test.ts']
const verbKit = (name: string): string => `packages/verb-kit/src/${name}.ts`
const test = (name: string): readonly string[] => [`packages/verb-kit/src/${name}.test.ts`]

export const guards: readonly Guard[] = [
  ...(
    [
      ['limited(counters.take(key, most, minuteMs))', 'counters.take(key, most, minuteMs)'],
      ["if (action.auth === 'public') return void cookiesOf(request)", "if (action.auth === 'public') return"],
      ['assertOwnPage(request.headers, allowedOrigins)', ''],
      ["if (!checkCsrf(actor, typeof token === 'string' ? token : undefined))", 'if (false)'],
      ["if ((action.auth === 'service') !== (actor.kind === 'service'))", 'if (false)'],
      ['if (actor.actions && !actor.actions.includes(action.id))', 'if (false)'],
      ['if (!roleAllows(actor.role, action.role))', 'if (false)'],
      ["if (actor.kind !== 'person') throw", 'if (false) throw'],
      ['grant.sub === actor.id && ', ''],
      ['grant.sid === actor.sid && ', ''],
      ['grant.verb === verb && ', ''],
      [' && grant.digest === digestOf(request, verb)', ''],
      ['audience: action.verb?.daemon ?? name', 'audience: name'],
      ['if (usedGrants.clockIsBack())', 'if (false)'],
      ['if (usedGrants.has(grant.jti)) throw', 'if (false) throw'],
      ["throw new AppError('INPUT_INVALID', 400, 'This action takes no body.')", ''],
      ["if (typeof request.headers['if-match'] !== 'string')", 'if (false)'],
      ['if (kept && kept.bodyHash !== hashOf(request.params, request.body))', 'if (false)'],
      ['!idempotencyKey.test(given))\n    throw', 'false)\n    throw'],
      ['keyOf(actorOf(request).id, action.id, given)', "keyOf('', action.id, given)"],
    ] as const
  ).map(([was, becomes]) => ({ file: steps, was, becomes, tests: stepTests })),
  ...(
    [
      ["if (verb.risk === 'destroy' && caller.amr.includes('api')) return", 'if (false) return'],
      ['return verb.service ? null', 'return true ? null'],
      ['rank[caller.role] >= rank[verb.role] ? null', 'true ? null'],
    ] as const
  ).map(([was, becomes]) => ({ file: verbKit('decide'), was, becomes, tests: test('decide') })),
  ...(
    [
      ['/^Bearer ([A-Za-z0-9._-]+)$/', '/Bearer ([A-Za-z0-9._-]+)/'],
      ['audience: daemon, ', "audience: 'host-agent', "],
      ['keys: tokenKeys, audience: productId', "keys: tokenKeys, audience: 'other'"],
    ] as const
  ).map(([was, becomes]) => ({ file: verbKit('caller'), was, becomes, tests: test('caller') })),
  ...(
    [
      ['if (request.rawHeaders.length > 2 * mostHeaders) refuse', 'if (false) refuse'],
      ["if ((request.url ?? '').length > mostTarget) refuse", 'if (false) refuse'],
      ["if (request.httpVersion !== '1.1') refuse", 'if (false) refuse'],
      ["if (request.method !== 'POST') refuse", 'if (false) refuse'],
      ["if (!request.url?.startsWith('/')) refuse", 'if (false) refuse'],
      ["{0,99}$/.test(request.headers.host ?? '')", "{0,99}/.test(request.headers.host ?? '')"],
      ["count('host') !== 1 || ", ''],
      ["count('authorization') > 1 || ", ''],
      [" || count('x-grant') > 1", ''],
      ["count('content-type') !== 1 || ", ''],
      ["|| request.headers['content-type'] !== 'application/json'", ''],
      ["if (request.headers['content-encoding'] !== undefined) refuse", 'if (false) refuse'],
      ['if (request.headers.expect !== undefined) refuse', 'if (false) refuse'],
      ['if (request.headers.upgrade !== undefined) refuse', 'if (false) refuse'],
      ["transfer !== 'chunked' || ", ''],
      [" || request.headers['content-length'] !== undefined", ''],
      ["if (Number(request.headers['content-length'] ?? 0) > mostBytes) refuse", 'if (false) refuse'],
      ['if (size <= mostBytes) return void chunks.push(chunk)', 'return void chunks.push(chunk)'],
      ['fatal: true, ', ''],
      [', ignoreBOM: true', ''],
      ['if (broken) return reject(broken)', ''],
      ['request.once(bodyBroken, reject)', ''],
    ] as const
  ).map(([was, becomes]) => ({ file: verbKit('read-request'), was, becomes, tests: test('read-request') })),
  {
    file: verbKit('refusals'),
    was: 'if (limiter.takeRefusal(row.actor.id)) return append(row)',
    becomes: 'return append(row)',
    tests: test('refusals'),
  },
  { file: verbKit('refusals'), was: '|| counted.size < mostKinds ', becomes: '|| true ', tests: test('refusals') },
  ...daemonGuards,
  ...vmGuards,
  ...codeGuards,
  ...intakeGuards,
  ...scheduleGuards,
  ...identityGuards,
  ...passwordGuards,
  ...restoreGuards,
  ...logGuards,
  ...upstreamGuards,
  ...storeGuards,
  ...deployGuards,
]
