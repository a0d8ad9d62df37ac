import { allVerbs } from '@console/verbs/all'
import { describe, expect, it } from 'vitest'
import { allActions, unnamedVerbs } from './all-actions.ts'
import { allErrors, moduleErrors } from './errors.ts'
import { permissionsOf, roleAllows } from './roles.ts'

describe('the registry', () => {
  it('has a verb for nothing that no action names', () => {
    expect(allVerbs.length).toBeGreaterThan(20)
    expect(unnamedVerbs(allActions, allVerbs)).toEqual([])
  })

  it('declares only codes that the catalogue explains', () => {
    expect(
      allActions.flatMap((action) => action.errors.filter((code) => !(code in allErrors)).map((code) => `${action.id} ${code}`)),
    ).toEqual([])
  })

  it('explains no module code that no action can give', () => {
    const given = new Set(allActions.flatMap((action) => action.errors))
    expect(Object.keys(moduleErrors).filter((code) => !given.has(code))).toEqual([])
  })

  it('declares what an engine may say wherever an action asks the engine itself', () => {
    const asksEngine = [
      'containers.inspect',
      'containers.stats',
      'containers.logs',
      'containers.restart',
      'disk.usage',
      'cleanup.plan',
      'cleanup.run',
    ]
    const asking = allActions.filter(({ verb }) => verb && asksEngine.includes(verb.id))
    expect(new Set(asking.map(({ verb }) => verb?.id))).toEqual(new Set(asksEngine))
    const codes = ['DOCKER_PROXY_AWAY', 'DOCKER_ENGINE_AWAY', 'DOCKER_ENGINE_VERSION', 'DOCKER_ENGINE_ERROR']
    expect(asking.flatMap(({ id, errors }) => codes.filter((code) => !errors.includes(code)).map((code) => `${id} ${code}`))).toEqual([])
  })

  it('gives a viewer no change, an operator no destroy, an admin everything', () => {
    const sessions = allActions.filter((action) => action.auth === 'session')
    const viewer = permissionsOf('viewer', sessions)
    const operator = permissionsOf('operator', sessions)
    const changing = sessions.filter((action) => action.risk === 'change' && action.role !== 'any').map((action) => action.id)
    expect(changing.filter((id) => viewer.includes(id))).toEqual([])
    expect(sessions.filter((action) => action.risk === 'destroy' && operator.includes(action.id))).toEqual([])
    expect(permissionsOf('admin', sessions)).toHaveLength(sessions.length)
  })

  it('refuses a person without membership all but what needs only a session', () => {
    expect(roleAllows(null, 'viewer')).toBe(false)
    expect(roleAllows(null, 'any')).toBe(true)
  })
})
