import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const guarded = (file: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file, was, becomes, tests }))
const signals = 'apps/devops-backend/src/modules/hermes/signals'
const signalTests = ['tests/attacks/hermes-signals.test.ts']
const backups = 'packages/backups/src'
const backupTests = [`${backups}/hostile-backups.test.ts`, `${backups}/backups.test.ts`]
const archiveTests = ['tests/attacks/backup-archives.test.ts']
const probe = 'apps/host-agent/src/hermes'
const homeTests = [`${probe}/hostile-homes.test.ts`]
const vaultTests = ['packages/testkit/src/key-vault-peer.test.ts']

/** What judges what comes from elsewhere: signals and homes of agents, archives, answers of a vault, settings of a hosted store, files of a release. */
export const intakeGuards: readonly Guard[] = [
  ...guarded(`${probe}/start-probe.ts`, homeTests, [
    ["residentPages(child.pid) > mostPages && end(told('too_big'))", 'undefined'],
    ["    '--max-semi-space-size=1',\n", ''],
    ["    '--max-old-space-size=48',\n", ''],
    ["    '--permission',\n", ''],
    ["env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },", ''],
    ["cwd: '/',", ''],
    ['...(uid !== null && gid !== null && { uid, gid }),', ''],
    ["const deadline = setTimeout(() => end(told('timeout')), withinMs)", 'const deadline = undefined'],
  ]),
  ...guarded(`${probe}/start-probe.ts`, [`${probe}/probe-home.test.ts`], [["if (size > mostBytes) end('bad_output')\n      else ", '']]),
  ...guarded(`${probe}/probe/probe-home.ts`, homeTests, [
    ['    const cron = section(', '    readSessions(files)\n    const cron = section('],
  ]),
  ...guarded(`${probe}/read-memory-bodies.ts`, [`${probe}/memory-bodies.test.ts`], [['if (!memoryBodies)', 'if (false)']]),
  ...guarded(`${probe}/start-probe.ts`, [`${probe}/memory-bodies.test.ts`], [["    '--permission',\n", '']]),
  ...guarded(
    `${probe}/probe/read-bodies.ts`,
    [`${probe}/memory-bodies.test.ts`],
    [
      ["if (!whole) throw new Unreadable('too_big')", ''],
      ["'utf-8', { fatal: true }", "'utf-8'"],
    ],
  ),
  ...guarded(
    'deploy/checks.sh',
    ['tests/hermes-gateway.test.ts'],
    [
      ['is_network "$one" || lacks', 'true || lacks'],
      ['[[ $(setting HERMES_PUBLIC) != true ]] || networks=', 'networks='],
      ['[[ $(setting HERMES_PUBLIC false) =~ ^(true|false)$ ]] || lacks', 'true || lacks'],
    ],
  ),
  ...guarded('deploy/compose.yaml', ['tests/hermes-gateway.test.ts'], [['ClientIP(`127.0.0.0/8`)', 'PathPrefix(`/`)']]),
  ...guarded(`${probe}/probe/parse-json.ts`, homeTests, [['> mostValues', '> Number.MAX_VALUE']]),
  ...guarded(`${probe}/probe/open-database.ts`, homeTests, [
    ['limits: { length: longestValue },', ''],
    ['octet_length(', '0 * octet_length('],
  ]),
  ...guarded(`${probe}/probe/home-files.ts`, homeTests, [
    ['constants.O_NOFOLLOW | constants.O_NONBLOCK', 'constants.O_NOFOLLOW'],
    ['constants.O_NOFOLLOW | constants.O_NONBLOCK', 'constants.O_NONBLOCK'],
    ["if (!found.isFile()) throw new Unreadable('not_a_file')\n      const buffer", 'const buffer'],
  ]),
  ...guarded(`${signals}/ingest.ts`, signalTests, [['if (!delivery || !isOfNow(delivery, deps.nowMs()))', 'if (!delivery)']]),
  ...guarded(`${signals}/agent-keys.ts`, signalTests, [
    ['doc.instance !== instance || ', ''],
    ["!same(digestOf(token), Buffer.from(doc.hash, 'hex'))", 'false'],
    ["same(createHmac('sha256', box.open(sealed, id)).update(bytes).digest(), given)", 'true'],
  ]),
  ...guarded(
    `${signals}/signal-desk.ts`,
    [`${signals}/signal-desk.test.ts`],
    [
      ['if (signal.id !== null && seen.has(signal.id)) continue', ''],
      ['for (const { id } of fresh) if (id !== null) seen.remove(id)', ''],
    ],
  ),
  ...guarded(
    `${signals}/signal-log.ts`,
    ['tests/faults/signals-killed.test.ts'],
    [
      ['      await file.datasync()\n', ''],
      ['await folder.sync().finally(() => folder.close())', 'await folder.close()'],
      ['waiting.push({ line, resolve, reject })', 'waiting.push({ line, resolve, reject })\n        resolve()'],
    ],
  ),
  ...guarded(
    `${signals}/signal-log.ts`,
    [`${signals}/signal-desk.test.ts`],
    [
      ['[...batch, ...takeWaiting()]', 'batch'],
      ['if (waitingBytes + line.length > mostWaitingBytes) throw', 'if (false) throw'],
    ],
  ),
  ...guarded('packages/http-kit/src/body-bytes.ts', signalTests, [
    ['if (!types.some((one) => one === type)) throw', 'if (false) throw'],
    ['{ maxOutputLength: mostBytes }', '{}'],
  ]),
  ...guarded(`${backups}/read-backup.ts`, backupTests, [
    ['if (ending) throw', 'if (false) throw'],
    ['if (line.order < last || ', 'if ('],
    ["(line.order === last && !('bytes' in line))", 'false'],
    ['if (end !== JSON.stringify({ manifest, signatures })) throw', 'if (false) throw'],
    ['if (seen > mostBytes) throw', 'if (false) throw'],
    ['if (rest.reduce((sum, { length }) => sum + length, 0) > mostOf.lineBytes)', 'if (false)'],
    ["refuseMore('collections', tally.collections())\n", ''],
    ['if (gunzip.bytesWritten !== packed) throw', 'if (false) throw'],
    [' | constants.O_NOFOLLOW', ''],
  ]),
  ...guarded(`${backups}/read-backup.ts`, archiveTests, [
    ['Math.min(mostBytes, mostOf.floorBytes + size * mostOf.bytesForOnePacked)', 'mostBytes'],
    ["refuseMore('files', tally.files())\n", ''],
    ['if ((await handle.stat()).isFile()) return', 'if (true) return'],
  ]),
  ...guarded(`${backups}/read-line.ts`, backupTests, [
    ['if (!isKeptFile(known, path)) throw', 'if (false) throw'],
    ['if (!parts.includes(part)) throw', 'if (false) throw'],
    ['checkKeys(pk, id)\n', ''],
  ]),
  ...guarded(`${backups}/envelope.ts`, backupTests, [
    ['nonceOf(number, last)).setAAD(place).setAuthTag', 'nonceOf(number, false)).setAAD(place).setAuthTag'],
    [
      '.setAuthTag(sealed.subarray(-tagBytes))\n    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()])',
      '\n    return decipher.update(sealed.subarray(0, -tagBytes))',
    ],
    ['if (head.format !== 2) throw', 'if (false) throw'],
    ['if (length > mostHeadBytes) throw', 'if (false) throw'],
    [' && !unprintable.test(text)', ''],
    ["part > (parts[index - 1] ?? '')", 'true'],
    ['Array.isArray(parts) && ', ''],
  ]),
  ...guarded(`${backups}/signatures.ts`, backupTests, [
    ['if (!verify(', 'if (false && !verify('],
    ['if (signedBy.length === 0)', 'if (false)'],
    ["signature v1\\n'), headDigest,", "signature v1\\n'),"],
  ]),
  ...guarded(
    `${backups}/swap-plan.ts`,
    [`${backups}/killed-restore.test.ts`],
    [
      ['if (existsSync(folder)) rmdirSync(folder)', 'rmSync(folder, { recursive: true, force: true })'],
      ["if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause", 'return renameSync(unnamed, plan)'],
      ['    if (!existsSync(scratch)) continue\n', ''],
      ['/^\\.restore-[0-9a-f]{12}$/.test(scratch)', 'true'],
      ["write(plan, { step: 'swapping', swaps }, (unnamed) => renameSync(unnamed, plan))\n", ''],
    ],
  ),
  ...guarded(
    'packages/audit-chain/src/told-rows.ts',
    ['packages/audit-chain/src/told-rows.test.ts'],
    [
      ["if (actor.kind !== 'service' || ", 'if ('],
      ["if (outcome !== 'done' && outcome !== 'failed') throw", 'if (false) throw'],
      ['if (fstatSync(fd).size > mostBytes) throw', 'if (false) throw'],
      ['if (rows.length === 0) await', 'await'],
      [' | constants.O_NOFOLLOW', ''],
    ],
  ),
  ...guarded(
    'deploy/versions.sh',
    ['tests/deploy/command.test.ts'],
    [
      ['  end_restore "$state/next.yaml"\n', ''],
      ['  end_restore "$state/current.yaml"\n', ''],
    ],
  ),
  ...guarded(`${backups}/restore-backup.ts`, backupTests, [
    ['if (encryptionKey !== undefined && !first.signedBy.includes(part))', 'if (false)'],
    ['refuseNewer(first.manifest)\n', ''],
    ['if (existsSync(target.folder) && readdirSync(target.folder).length > 0)', 'if (false)'],
    ['if (needed !== undefined && (target', 'if (false && (target'],
    [
      "const first = await readBackup({ file, locks, onLine: (line) => ('bytes' in line ? undefined : onDocument?.('read')) })",
      'const first = await readBackup({ file, locks, onLine: () => undefined, mostBytes: Infinity }).catch(() => ({ manifest: null }) as never)',
    ],
  ]),
  ...guarded('packages/tokens/src/vault-secrets.ts', vaultTests, [
    ["new URL(url).protocol !== 'https:' || ", ''],
    ["(withSecretFiles(env, [name], problems)[name] ?? '') === ''", "(env[name] ?? '') === ''"],
  ]),
  ...guarded(
    'packages/tokens/src/azure-identity.ts',
    ['packages/store/src/open-store.test.ts', ...vaultTests],
    [
      ["if (authority !== undefined && !authority.startsWith('https://'))", 'if (false)'],
      ['if (env.AZURE_CLIENT_SECRET && !(env.AZURE_TENANT_ID && env.AZURE_CLIENT_ID))', 'if (false)'],
    ],
  ),
  ...guarded(
    'packages/store/src/open-store.ts',
    ['packages/store/src/open-store.test.ts'],
    [
      ["url.protocol !== 'https:' && ", 'false && '],
      ['if (production && key === sampleKey)', 'if (false)'],
      ["if (auth === 'entra' && key !== undefined)", 'if (false)'],
    ],
  ),
  ...guarded(
    'packages/web-host/src/worker/kept-releases.ts',
    ['packages/web-host/src/worker/kept-releases.test.ts'],
    [
      ["credentials: 'omit', ", ''],
      ['if (reply.status !== 200 || btoa(String.fromCharCode(...digest)) !== files[path]) throw', 'if (false) throw'],
    ],
  ),
  ...guarded(
    'packages/verb-kit/src/serve-verb.ts',
    ['packages/verb-kit/src/serve-verb.test.ts', 'tests/attacks/grant-lives.test.ts'],
    [
      [' && !verb.recorded', ''],
      ['limiter.takeUnconfirmed(caller)\n    throw error', 'throw error'],
      ['let args: never\n  let digest', 'limiter.takeActor(verb, caller)\n  let args: never\n  let digest'],
    ],
  ),
]
