import { describe, expect, it } from 'vitest'
import { parseHealthReport } from './health-report.ts'

const check = { id: 'disk:/', title: 'Disk /', status: 'ok', measured: '30 % used', wanted: 'at most 85 %', advice: '' }
const host = { name: 'vm', system: 'Debian', kernel: '6.1', uptimeSec: 1, processors: 2 }
const report = (over: object = {}, one: object = {}): string => JSON.stringify({ v: 1, host, checks: [{ ...check, ...one }], ...over })
const refused = (text: string) => expect(() => parseHealthReport(text)).toThrow(/cannot be read/)

describe('the report of the VM', () => {
  it('is taken as it is when it has its one shape', () => {
    expect(parseHealthReport(report())).toEqual({ host, checks: [check] })
  })

  it('is refused whole for anything else', () => {
    for (const text of ['', 'null', '[]', '{', '{"v":1}', report({ v: 2 }), report({ more: 1 }), report({ checks: {} })]) refused(text)
    for (const one of [
      { status: 'fine' },
      { status: 'constructor' },
      { title: 7 },
      { id: '' },
      { extra: '' },
      { measured: 'x'.repeat(501) },
    ])
      refused(report({}, one))
    refused(report({ host: { ...host, uptimeSec: -1 } }))
    refused(report({ host: { ...host, processors: '2' } }))
    refused(report({ checks: [check, check] }))
    refused(report({ checks: Array.from({ length: 201 }, (_, at) => ({ ...check, id: `c${at}` })) }))
    refused(`{"v":1,"v":1,"host":${JSON.stringify(host)},"checks":[]}`)
  })

  it('shows no secret and no control sequence that a name on the host holds', () => {
    const { checks } = parseHealthReport(report({}, { measured: '1 failed: \u001b[31mx.service password=hunter2222' }))
    expect(checks[0]?.measured).toBe('1 failed: x.service password=[masked]')
  })
})
