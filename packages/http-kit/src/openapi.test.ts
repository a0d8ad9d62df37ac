import { describe, expect, it } from 'vitest'
import { openApiOf } from './openapi.ts'
import { declared, sweep } from './toy-service.fake.ts'

type Operation = { operationId: string; requestBody: { content: Record<string, { schema: unknown }> }; responses: object }

describe('the document of an API', () => {
  const { paths } = openApiOf({ prefix: '/api', title: 'Toy', actions: declared }) as {
    paths: Record<string, Record<string, Operation>>
  }

  it('has each action once, by its id', () => {
    const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
    expect(ids.sort()).toEqual(declared.map(({ id }) => id).sort())
  })

  it('tells both spellings where an action takes an older one', () => {
    const operation = paths[`/api${sweep.path}`]?.post
    expect(operation?.requestBody.content['application/json']?.schema).toMatchObject({
      anyOf: [
        { properties: { digest: { type: 'string' } }, required: ['digest'], additionalProperties: false },
        { properties: { type: { enum: ['one', 'two'] } }, required: ['type'], additionalProperties: false, deprecated: true },
      ],
    })
    const plain = paths['/api/plans']?.post
    expect(plain?.requestBody.content['application/json']?.schema).toMatchObject({ properties: { names: { type: 'array' } } })
  })
})
