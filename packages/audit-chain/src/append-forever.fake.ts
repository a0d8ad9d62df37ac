import { createPrivateKey } from 'node:crypto'
import process from 'node:process'
import { openAuditLog } from './log.ts'
import { aRow } from './sample-log.fake.ts'

// Run as a program: appends rows, five at a time, and prints the seq of each one that it was told is on record, until it is killed.
const [dir = '', pem = ''] = process.argv.slice(2)
const log = await openAuditLog({ dir, name: 'host-agent', key: createPrivateKey(pem), reserveBytes: 0, segmentBytes: 4000 })
for (;;) {
  const rows = await Promise.all([1, 2, 3, 4, 5].map(() => log.append(aRow({ outcome: 'started' }))))
  process.stdout.write(`${rows.map((row) => row.seq).join('\n')}\n`)
  if (Math.floor(log.head.seq / 5) % 7 === 0) await log.checkpoint()
}
