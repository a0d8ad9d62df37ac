import { listContainers } from '@console/verbs/containers'
import { z } from 'zod'
import { defineAction } from '../action.ts'
import { Container } from '../docker/schemas.ts'
import { Id, pageOf, pageQuery } from '../shapes.ts'
import { Environment, Service, ServiceInput, Variable, VariableInput } from './schemas.ts'

const at = { api: 'devops', auth: 'session' } as const
const idParam = z.strictObject({ id: Id })
const fields = {
  name: 'keep',
  description: 'keep',
  environment: 'keep',
  tags: 'keep',
  owner: 'keep',
  url: 'keep',
  repository: 'keep',
  checks: 'keep',
  scriptId: 'keep',
  containers: 'keep',
  onBusy: 'keep',
  approval: 'keep',
  verifyWindowSec: 'keep',
} as const

export const listServices = defineAction({
  ...at,
  id: 'services.service.list',
  method: 'GET',
  path: '/services',
  risk: 'read',
  summary: 'List services, worst first.',
  query: z.strictObject({
    q: z.string().max(200).optional(),
    environment: Environment.optional(),
    tag: z.string().max(40).optional(),
    ...pageQuery,
  }),
  success: { status: 200, body: pageOf(Service) },
  errors: [],
})

export const getService = defineAction({
  ...at,
  id: 'services.service.get',
  method: 'GET',
  path: '/services/:id',
  risk: 'read',
  summary: 'Read one service.',
  params: idParam,
  success: { status: 200, body: Service, etag: true },
  errors: ['SERVICE_NOT_FOUND'],
})

export const createService = defineAction({
  ...at,
  id: 'services.service.create',
  method: 'POST',
  path: '/services',
  risk: 'change',
  summary: 'Register a service.',
  body: ServiceInput,
  success: { status: 201, body: Service, etag: true },
  errors: ['SERVICE_EXISTS', 'SCRIPT_NOT_FOUND', 'HEALTH_TARGET_REFUSED'],
  audit: { target: { body: 'name' }, fields },
})

export const updateService = defineAction({
  ...at,
  id: 'services.service.update',
  method: 'PUT',
  path: '/services/:id',
  risk: 'change',
  ifMatch: true,
  summary: 'Change a service.',
  params: idParam,
  body: ServiceInput,
  success: { status: 200, body: Service, etag: true },
  errors: ['SERVICE_NOT_FOUND', 'SERVICE_EXISTS', 'SCRIPT_NOT_FOUND', 'HEALTH_TARGET_REFUSED'],
  audit: { target: { param: 'id' }, fields },
})

export const removeService = defineAction({
  ...at,
  id: 'services.service.remove',
  method: 'DELETE',
  path: '/services/:id',
  risk: 'destroy',
  summary: 'Delete a service from the registry.',
  params: idParam,
  success: { status: 204 },
  errors: ['SERVICE_NOT_FOUND', 'SERVICE_BUSY'],
  audit: { target: { param: 'id' }, fields: {} },
  confirm: 'The service leaves the registry, and its checks end. Nothing on the host is stopped or removed; history and audit stay.',
})

export const listVariables = defineAction({
  ...at,
  id: 'services.variable.list',
  method: 'GET',
  path: '/services/:id/variables',
  risk: 'read',
  role: 'operator',
  summary: 'List the variables that the service’s script is given.',
  params: idParam,
  success: { status: 200, body: z.strictObject({ items: z.array(Variable), nextCursor: z.null(), etag: z.string() }), etag: true },
  errors: ['SERVICE_NOT_FOUND'],
})

export const setVariables = defineAction({
  ...at,
  id: 'services.variable.set',
  method: 'PUT',
  path: '/services/:id/variables',
  risk: 'change',
  ifMatch: true,
  summary: 'Set the variables that the service’s script is given.',
  params: idParam,
  body: z.strictObject({ items: z.array(VariableInput).max(50) }),
  success: { status: 200, body: z.strictObject({ items: z.array(Variable), nextCursor: z.null(), etag: z.string() }), etag: true },
  errors: ['SERVICE_NOT_FOUND'],
  audit: { target: { param: 'id' }, fields: { items: 'mask' } },
})

export const listServiceContainers = defineAction({
  ...at,
  id: 'services.container.list',
  method: 'GET',
  path: '/services/:id/containers',
  verb: listContainers,
  summary: 'List the containers of a service.',
  params: idParam,
  success: {
    status: 200,
    body: z.strictObject({ items: z.array(Container), nextCursor: z.null(), asOf: z.string().nullable(), freshness: z.string() }),
  },
  errors: ['SERVICE_NOT_FOUND', 'DOCKER_PROXY_AWAY'],
})
