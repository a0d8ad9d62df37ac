import type { Action, BytesSpec, Risk } from '@console/contracts/action'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { BoundAction } from './bind.ts'
import { refused } from './budgets.ts'
import { compressAnswer } from './compress-answer.ts'
import type { MountOptions } from './mount-options.ts'
import { AppError, sendProblem } from './problem.ts'
import { carryOut } from './record.ts'
import { type Step, steps } from './steps.ts'

/**
 * Makes every declared action a route, and nothing else: it is the only caller of `app.route`. Refuses to start with an action that nobody
 * carries out, one bound twice, or a route that is no action.
 */
export function mount(app: FastifyInstance, options: MountOptions): void {
  assertComplete(options)
  assertNoneBefore(app, options)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => {
    refused(request, options)
    return sendProblem(options.translate(error), request, reply)
  })
  app.addHook('onSend', compressAnswer)
  app.addHook('onRequestAbort', async (request) => refused(request, options))
  app.setNotFoundHandler((request, reply) => sendProblem(new AppError('ROUTE_NOT_FOUND', 404, 'There is no such route.'), request, reply))
  app.decorateRequest('actor', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.actionId || options.strayPaths.includes(route.url)) return
    throw new Error(`${String(route.method)} ${route.url} is neither an action nor a listed path`)
  })
  for (const bound of options.bound) app.route(routeOf(bound, options))
}

function routeOf({ action, run, runOlder = run }: BoundAction, options: MountOptions): RouteOptions {
  // One hook for all steps of a place: Fastify waits a few turns for each hook, and most steps have nothing to wait for.
  const at = (where: Step['at']) => {
    const here = steps.filter((step) => step.at === where)
    return async (request: FastifyRequest): Promise<void> => {
      const counted = countsAs(request, action, where)
      for (const step of where === 'preValidation' && action.older && counted === action ? [...judgedAnew, ...here] : here) {
        const pending = step.run(request, judgedByBody.has(step.name) ? counted : action, options)
        if (pending) await pending
      }
    }
  }
  const { params, query, body, success } = action
  return {
    method: action.method,
    url: `${options.prefix}${action.path}`,
    config: { actionId: action.id, risk: action.risk, ...(action.bytes && { bytes: action.bytes }) },
    ...(action.bytes && { bodyLimit: action.bytes.mostBytes }),
    schema: {
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
      ...(success.body && { response: { [success.status]: success.body } }),
    },
    onRequest: at('onRequest'),
    preValidation: at('preValidation'),
    preHandler: at('preHandler'),
    ...(action.older && { validatorCompiler: validatorFor(action) }),
    handler: (request, reply) => {
      const counted = countsAs(request, action, 'preHandler')
      return carryOut({ request, reply, action: counted, run: counted === action ? run : runOlder, options })
    },
  }
}

/** What depends on which of two actions a body spells: all but who asks, and from which page, which must do for either. */
const judgedByBody = new Set(['limitActor', 'checkPermission', 'checkGrant', 'checkBody', 'checkIfMatch', 'findRepeat', 'recordIntent'])
/** Judged by the lesser action while the body was not read yet. */
const judgedAnew = steps.filter(({ name }) => name === 'limitActor' || name === 'checkPermission')

function countsAs(request: FastifyRequest, action: Action, where: Step['at']): Action {
  if (!action.older) return action
  return where === 'onRequest' || isOlder(request.body, action) ? action.older.as : action
}

/** Nothing but fields of the older spelling, and at least one. */
function isOlder(body: unknown, { older }: Action): boolean {
  if (!older || typeof body !== 'object' || body === null || Array.isArray(body)) return false
  const names = Object.keys(body)
  return names.length > 0 && names.every((name) => Object.hasOwn(older.body.shape, name))
}

type Compiler = NonNullable<RouteOptions['validatorCompiler']>

/** Each spelling by its own schema, so that a refusal names its own fields. */
function validatorFor(action: Action): Compiler {
  const compile = validatorCompiler as unknown as Compiler
  return (how) => {
    const usual = compile(how)
    if (how.httpPart !== 'body' || !action.older) return usual
    const older = compile({ ...how, schema: action.older.body as never })
    return (body: unknown) => (isOlder(body, action) ? older(body) : usual(body))
  }
}

/** The hook below sees only what comes after it. */
function assertNoneBefore({ routesBeforeMount }: FastifyInstance, { strayPaths }: MountOptions): void {
  const strays = routesBeforeMount.filter((route) => !strayPaths.includes(route.slice(route.indexOf(' ') + 1)))
  if (strays.length > 0) throw new Error(`made before the actions, and neither an action nor a listed path: [${strays}]`)
}

function assertComplete({ bound, declared }: MountOptions): void {
  const ids = bound.map(({ action }) => action.id)
  const missing = declared.filter(({ id }) => !ids.includes(id)).map(({ id }) => id)
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at)
  const foreign = ids.filter((id) => !declared.some((action) => action.id === id))
  if (missing.length || twice.length || foreign.length)
    throw new Error(`without a handler: [${missing}]; bound twice: [${twice}]; not declared: [${foreign}]`)
}

declare module 'fastify' {
  interface FastifyContextConfig {
    actionId?: string
    risk?: Risk
    bytes?: BytesSpec
  }
  interface FastifyRequest {
    /** Sequence number of the intent row. */
    intent?: number
    idempotencyKey?: string
  }
}
