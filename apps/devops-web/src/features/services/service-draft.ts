import type { HealthCheck } from '@console/contracts/health/schemas'
import { HealthCheck as HealthCheckSchema } from '@console/contracts/health/schemas'
import { type Service, ServiceInput, type Variable } from '@console/contracts/services/schemas'
import { type Problem, problemAt } from './field-rules.ts'

/** What stands in the form: texts as typed, so that nothing is lost while it is not yet right. */
export type CheckDraft = {
  id: string
  kind: 'http' | 'tcp' | 'container'
  url: string
  method: 'GET' | 'HEAD'
  expectStatus: string
  expectBody: string
  host: string
  port: string
  container: string
  intervalSec: string
  timeoutMs: string
  downAfter: string
  upAfter: string
}
export type VariableDraft = { key: string; name: string; secret: boolean; value: string | null; kept: boolean }
export type Draft = {
  name: string
  description: string
  environment: ServiceInput['environment']
  tags: string
  owner: string
  url: string
  repository: string
  checks: CheckDraft[]
  scriptId: string | null
  containersBy: 'none' | 'project' | 'names'
  project: string
  containerNames: string
  onBusy: 'queue' | 'refuse'
  verifyWindowSec: string
  variables: VariableDraft[]
}

export const emptyDraft: Draft = {
  name: '',
  description: '',
  environment: 'production',
  tags: '',
  owner: '',
  url: '',
  repository: '',
  checks: [],
  scriptId: null,
  containersBy: 'none',
  project: '',
  containerNames: '',
  onBusy: 'queue',
  verifyWindowSec: '60',
  variables: [],
}

export function newCheck(): CheckDraft {
  return {
    id: `c-${crypto.randomUUID().slice(0, 8)}`,
    kind: 'http',
    url: '',
    method: 'GET',
    expectStatus: '200',
    expectBody: '',
    host: '',
    port: '',
    container: '',
    intervalSec: '15',
    timeoutMs: '5000',
    downAfter: '3',
    upAfter: '2',
  }
}

export function draftOf(service: Service, variables: readonly Variable[]): Draft {
  const { containers } = service
  return {
    ...emptyDraft,
    name: service.name,
    description: service.description,
    environment: service.environment,
    tags: service.tags.join(', '),
    owner: service.owner,
    url: service.url ?? '',
    repository: service.repository ?? '',
    checks: service.checks.map(checkDraftOf),
    scriptId: service.scriptId,
    containersBy: containers.by,
    project: containers.by === 'project' ? containers.project : '',
    containerNames: containers.by === 'names' ? containers.names.join(', ') : '',
    onBusy: service.onBusy,
    verifyWindowSec: String(service.verifyWindowSec),
    variables: variables.map(({ name, secret, value }) => ({ key: name, name, secret, value, kept: secret })),
  }
}

export function bodyOf(draft: Draft): ServiceInput {
  const list = (text: string): string[] =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter(Boolean)
  const containers: ServiceInput['containers'] =
    draft.containersBy === 'project'
      ? { by: 'project', project: draft.project.trim() }
      : draft.containersBy === 'names'
        ? { by: 'names', names: list(draft.containerNames) }
        : { by: 'none' }
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    environment: draft.environment,
    tags: list(draft.tags),
    owner: draft.owner.trim(),
    url: draft.url.trim() || null,
    repository: draft.repository.trim() || null,
    checks: draft.checks.map(checkOf),
    scriptId: draft.scriptId,
    containers,
    onBusy: draft.onBusy,
    approval: 'none',
    verifyWindowSec: Number(draft.verifyWindowSec),
  }
}

export function checkOf(draft: CheckDraft): HealthCheck {
  const timing = {
    intervalSec: Number(draft.intervalSec),
    timeoutMs: Number(draft.timeoutMs),
    downAfter: Number(draft.downAfter),
    upAfter: Number(draft.upAfter),
  }
  if (draft.kind === 'tcp') return { id: draft.id, kind: 'tcp', host: draft.host.trim(), port: Number(draft.port), ...timing }
  if (draft.kind === 'container') return { id: draft.id, kind: 'container', container: draft.container.trim(), ...timing }
  return {
    id: draft.id,
    kind: 'http',
    url: draft.url.trim(),
    method: draft.method,
    expectStatus: draft.expectStatus.trim(),
    expectBody: draft.expectBody === '' ? null : draft.expectBody,
    ...timing,
  }
}

export function variablesOf(draft: Draft): { name: string; secret: boolean; value: string | null }[] {
  return draft.variables.map(({ name, secret, value }) => ({ name, secret, value: secret ? value : (value ?? '') }))
}

/** What the schema of the API says of the form, one problem a field. */
export function problemsOf(draft: Draft): Problem[] {
  const parsed = ServiceInput.safeParse(bodyOf(draft))
  const fields = parsed.success ? [] : parsed.error.issues.map(({ path, message }) => problemAt(path.join('.'), message, draft))
  const variables = draft.variables.flatMap(({ key, name, secret, value, kept }): Problem[] => {
    const at = { field: `variable ${key}`, label: name || 'A variable without a name' }
    if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(name)) return [{ ...at, rule: 'a name of capitals, digits and _, beginning with a letter' }]
    if (draft.variables.some((other) => other.key !== key && other.name === name)) return [{ ...at, rule: 'each name once' }]
    return secret && !kept && (value === null || value === '') ? [{ ...at, rule: 'type its value: secrets are not kept in drafts' }] : []
  })
  const seen = new Set<string>()
  return [...fields, ...variables].filter(({ field }) => !seen.has(field) && seen.add(field))
}

/** How many of the five sections differ between two drafts. */
export function changedSections(a: Draft, b: Draft): number {
  const sections: readonly (readonly (keyof Draft)[])[] = [
    ['name', 'description', 'environment', 'tags', 'owner', 'url', 'repository'],
    ['checks'],
    ['scriptId', 'onBusy', 'verifyWindowSec'],
    ['containersBy', 'project', 'containerNames'],
    ['variables'],
  ]
  return sections.filter((keys) => keys.some((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))).length
}

/** Why a check cannot be tried yet; null when it can. */
export function checkTrouble(draft: CheckDraft): string | null {
  const parsed = HealthCheckSchema.safeParse(checkOf(draft))
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'not complete')
}

function checkDraftOf(check: HealthCheck): CheckDraft {
  const { id, kind, intervalSec, timeoutMs, downAfter, upAfter } = check
  const base = {
    ...newCheck(),
    id,
    kind,
    intervalSec: String(intervalSec),
    timeoutMs: String(timeoutMs),
    downAfter: String(downAfter),
    upAfter: String(upAfter),
  }
  if (check.kind === 'tcp') return { ...base, host: check.host, port: String(check.port) }
  if (check.kind === 'container') return { ...base, container: check.container }
  return { ...base, url: check.url, method: check.method, expectStatus: check.expectStatus, expectBody: check.expectBody ?? '' }
}
