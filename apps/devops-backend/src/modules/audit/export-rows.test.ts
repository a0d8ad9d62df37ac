import type { AuditRow } from '@console/contracts/audit/schemas'
import { describe, expect, it } from 'vitest'
import { csvLine, exportRows } from './export-rows.ts'

const row: AuditRow = {
  log: 'devops-backend',
  seq: 7,
  at: '2026-03-01T12:00:00.000Z',
  action: 'services.service.create',
  actor: { kind: 'person', id: 'u1', name: '=HYPERLINK("http://evil.test")' },
  requestId: 'r1',
  target: '-',
  outcome: 'done',
  risk: 'change',
  code: null,
  details: null,
  input: { name: '+1', tags: ['@x', 'plain'], token: '***' },
  address: '127.0.0.1',
  count: null,
  of: 6,
  hash: 'ab',
}
async function* one(): AsyncIterable<AuditRow> {
  yield row
}
const lines = async (format: 'csv' | 'ndjson') => {
  const all: string[] = []
  for await (const line of exportRows(one(), format)) all.push(line)
  return all
}

describe('an export of audit rows', () => {
  it('has one header and one line a row as CSV', async () => {
    expect(await lines('csv')).toEqual([
      'time,log,row,who,action,target,outcome,code,request,address\r\n',
      `2026-03-01T12:00:00.000Z,devops-backend,7,"'=HYPERLINK(""http://evil.test"")",services.service.create,"'-",done,,r1,127.0.0.1\r\n`,
    ])
  })

  it('has one object a row as NDJSON, masked as the row is, and no text in it begins a formula', async () => {
    const [line = '', ...more] = await lines('ndjson')
    expect(more).toEqual([])
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line)).toEqual({
      ...row,
      actor: { ...row.actor, name: `'${row.actor.name}` },
      target: `'-`,
      input: { name: `'+1`, tags: [`'@x`, 'plain'], token: '***' },
    })
  })

  it.each(['=1+1', '+1', '-2', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u00a0=1', '＝1', '＋1', '－1', '＠x'])(
    'makes a cell harmless: %j',
    (cell) => {
      expect(csvLine([cell])).toBe(`"'${cell}"\r\n`)
    },
  )

  it.each(['plain', 'a=b', '1-2', '', 'ä'])('leaves a harmless cell as it is: %j', (cell) => {
    expect(csvLine([cell])).toBe(`${cell}\r\n`)
  })

  it('keeps a cell one cell whatever stands in it', () => {
    expect(csvLine(['a,b', 'say "x"', 'two\r\nlines'])).toBe('"a,b","say ""x""","two\r\nlines"\r\n')
  })
})
