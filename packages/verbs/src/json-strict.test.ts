import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from './json-strict.ts'

const ruleOf = (text: string): string => {
  try {
    parseStrictJson(text)
    return 'taken'
  } catch (error) {
    return (error as { rule: string }).rule
  }
}

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, when it has one meaning', () => {
    const value = fc
      .jsonValue()
      .filter((one) => !JSON.stringify(one).includes('__proto__') && !/constructor|prototype/.test(JSON.stringify(one)))
    fc.assert(fc.property(value, (one) => JSON.stringify(parseStrictJson(JSON.stringify(one))) === JSON.stringify(one)))
  })

  it('refuses a name that stands twice, however it is spelled', () => {
    expect(ruleOf('{"a":1,"a":2}')).toBe('duplicate')
    expect(ruleOf('{"a":1,"\\u0061":2}')).toBe('duplicate')
    expect(ruleOf('{"x":[{"a":{},"b":1, "a" : 2}]}')).toBe('duplicate')
    expect(ruleOf('{"a":[1],"a":2}')).toBe('duplicate')
    expect(ruleOf('[[],{"a":[{"b":1}],"b":1}]')).toBe('taken')
    for (const space of [' ', '\n', '\r', '\t', ' \r\n\t']) expect(ruleOf(`{"a"${space}:1,"a"${space}:2}`)).toBe('duplicate')
    expect(ruleOf(`[${'[],{},'.repeat(70)}0]`)).toBe('taken')
    expect(ruleOf('{"a":{"a":1},"b":{"a":1}}')).toBe('taken')
    expect(ruleOf('["a","a",{"k":"a"},{"k":"a:"}]')).toBe('taken')
  })

  it('refuses names that reach a prototype, depth, lone surrogates, infinite numbers, marks and broken text', () => {
    expect(ruleOf('{"__proto__":1}')).toBe('forbidden-name')
    expect(ruleOf('{"a":{"constructor":1}}')).toBe('forbidden-name')
    expect(ruleOf(`${'['.repeat(65)}${']'.repeat(65)}`)).toBe('depth')
    expect(ruleOf(`${'['.repeat(64)}${']'.repeat(64)}`)).toBe('taken')
    expect(ruleOf(`${'['.repeat(300_000)}${']'.repeat(300_000)}`)).toBe('depth')
    expect(ruleOf('["\\ud800"]')).toBe('text')
    expect(ruleOf('[1e400]')).toBe('number')
    expect(ruleOf('\ufeff{}')).toBe('syntax')
    for (const text of ['', '{}x', '{"a":NaN}', '{a:1}', "{'a':1}", '[1,]']) expect(ruleOf(text)).toBe('syntax')
  })
})
