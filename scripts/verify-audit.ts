import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { type Claimed, type LogFolder, type RestoredFinding, type VerifyResult, verifyLogs } from '../packages/audit-chain/src/verifier.ts'

const usage = `node scripts/verify-audit.ts DIR... [--keys KEYS_DIR] [--genesis LOG=HEX]... [--copies FILE]... [--strict] [--json]

Checks audit logs: each chain by itself, and each against the checkpoints of it that the others hold.
  DIR         an audit folder, such as data/platform/audit; give all four, or cuts at the end go unseen
  --keys      folder of the public keys, LOG.jwk (default: KEYS_DIR)
  --genesis   what a log must begin with, known from elsewhere
  --copies    checkpoints kept outside this machine, one JSON object a line
  --strict    what a restore took away does not hold either, although every log was told of the restore
Exit status: 0 all hold, 1 something does not, 2 it could not be checked.
`

type Asked = {
  readonly folders: readonly LogFolder[]
  readonly copies: readonly { by: string; checkpoint: Claimed }[]
  readonly strict: boolean
  readonly json: boolean
}

const asked = ask()
const results = await verifyLogs(asked.folders, asked.copies).catch((error: unknown) =>
  refuse(`The logs could not be read: ${(error as Error).message}`),
)
process.stdout.write(asked.json ? `${JSON.stringify(results, null, 2)}\n` : results.map(report).join('\n'))
process.exitCode = results.every(({ ok, restored }) => ok && !(asked.strict && restored.length > 0)) ? 0 : 1

function ask(): Asked {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        keys: { type: 'string' },
        genesis: { type: 'string', multiple: true },
        copies: { type: 'string', multiple: true },
        strict: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    })
    const keys = values.keys ?? process.env.KEYS_DIR
    if (positionals.length === 0 || keys === undefined) return refuse(usage)
    const pins = new Map((values.genesis ?? []).map((pin) => pin.split('=', 2) as [string, string]))
    const folders = positionals.flatMap((dir) => logsIn(dir).map((log) => folderOf(dir, log, { keys, genesis: pins.get(log) })))
    for (const log of pins.keys())
      if (!folders.some((folder) => folder.log === log)) refuse(`No log ${log} in these folders, but its genesis is pinned.`)
    return { folders, copies: (values.copies ?? []).flatMap(copiesIn), strict: values.strict ?? false, json: values.json ?? false }
  } catch (error) {
    return refuse((error as Error).message)
  }
}

function logsIn(dir: string): string[] {
  const names = readdirSync(dir).flatMap((file) => /^([a-z][a-z0-9-]*?)(?:-\d{12,15}\.log|\.checkpoints)$/.exec(file)?.[1] ?? [])
  if (names.length === 0) refuse(`${dir} holds no audit log. Give the folder with the .log files.`)
  return [...new Set(names)]
}

function folderOf(dir: string, log: string, { keys, genesis }: { keys: string; genesis: string | undefined }): LogFolder {
  return { dir, log, publicKey: keyOf(keys, log), ...(genesis !== undefined && { genesis }) }
}

function keyOf(keys: string, log: string): KeyObject {
  const path = join(keys, `${log}.jwk`)
  try {
    return createPublicKey({ key: JSON.parse(readFileSync(path, 'utf8')) as JsonWebKey, format: 'jwk' })
  } catch (error) {
    return refuse(`${path} is no public key: ${(error as Error).message}`)
  }
}

function copiesIn(path: string): { by: string; checkpoint: Claimed }[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => ({ by: path, checkpoint: JSON.parse(line) as Claimed }))
}

function report(result: VerifyResult): string {
  const { ok, log, firstSeq, size, genesis, problems, restored, clockBack, tornBytes, anchoredTo, unanchored } = result
  const lines = [`${log}: ${ok ? 'holds' : 'DOES NOT HOLD'}: rows ${firstSeq} to ${size}, genesis ${genesis ?? 'unknown'}`]
  for (const { seq, kind, message } of problems.slice(0, 10)) lines.push(`  row ${seq}: ${message} [${kind}]`)
  if (problems.length > 10) lines.push(`  and ${problems.length - 10} more`)
  lines.push(...restored.map(restoredLine))
  lines.push(
    `  unanchored: ${unanchored === 0 ? 'no row' : `${unanchored} rows (${anchoredTo + 1} to ${size}), which no other log vouches for`}`,
  )
  if (clockBack.length > 0) lines.push(`  the clock went back before rows ${clockBack.slice(0, 10).join(', ')}`)
  if (tornBytes > 0) lines.push(`  ${tornBytes} bytes at the end are a row that was never finished`)
  return `${lines.join('\n')}\n`
}

function restoredLine({ at, by, backup, sha256, heldBy, cameBackWith, gone, requestId }: RestoredFinding): string {
  const what =
    cameBackWith === null
      ? `another log stood here before, of ${gone} rows or more, and stayed on its host`
      : `it came back with ${cameBackWith} rows; ${gone} more that were witnessed are gone`
  return `  restored ${at}, ${by}, from ${backup} (sha256 ${sha256}): ${what} (held by ${heldBy.join(', ')}; row ${requestId}) [restored]`
}

function refuse(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(2)
}
