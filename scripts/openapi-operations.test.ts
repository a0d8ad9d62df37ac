import { describe, expect, it } from 'vitest'
import { operationsOf } from './openapi-operations.ts'

const document = `swagger: "2.0"
basePath: "/v1.41"
info:
  title: "Engine"
definitions:
  Port:
    get:
      type: "string"
paths:
  /containers/json:
    get:
      summary: "List"
      responses:
        200:
          examples:
            application/json:
              - Id: "8dfafdbc3a40"
  # said of the next
  "/containers/{id}/archive":
    head:
      description: |
        Text that says
        post: nothing
    put:
      tags: ["Container"]
tags:
  /not/a/path:
    get:
`

describe('the operations of an engine’s document', () => {
  it('are each path with each of its methods, in their order, and nothing of other chapters', () => {
    expect(operationsOf(document)).toEqual({
      version: '1.41',
      operations: ['GET /containers/json', 'HEAD /containers/{id}/archive', 'PUT /containers/{id}/archive'],
    })
  })

  it.each([
    ['no version', document.replace('basePath: "/v1.41"', ''), 'no version'],
    ['no paths', document.replace('paths:', 'routes:'), 'no paths'],
    ['nothing under its paths', 'basePath: "/v1.41"\npaths:\ntags:\n', 'no operation'],
    ['a method without a path', 'basePath: "/v1.41"\npaths:\n    get:\n', 'before any path'],
  ])('are not made up for a document with %s', (_, text, why) => {
    expect(() => operationsOf(text)).toThrow(why)
  })
})
