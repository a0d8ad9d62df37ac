import type { Guard } from './guard.ts'

type Pairs = readonly (readonly [was: string, becomes: string])[]
const proxy = (name: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `apps/docker-proxy/src/${name}.ts`, was, becomes, tests: at('docker-proxy', tests) }))
const agent = (name: string, tests: readonly string[], pairs: Pairs): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({ file: `apps/host-agent/src/${name}.ts`, was, becomes, tests: at('host-agent', tests) }))
const kit = (name: string, pairs: Pairs, tests: readonly string[] = [name]): readonly Guard[] =>
  pairs.map(([was, becomes]) => ({
    file: `packages/verb-kit/src/${name}.ts`,
    was,
    becomes,
    tests: tests.map((one) => (one.includes('/') ? one : `packages/verb-kit/src/${one}.test.ts`)),
  }))
function at(app: string, tests: readonly string[]): readonly string[] {
  return tests.map((one) => (one.startsWith('tests/') ? one : `apps/${app}/src/${one}.test.ts`))
}

/** What docker-proxy and host-agent check beside what every daemon does. */
export const daemonGuards: readonly Guard[] = [
  ...proxy(
    'verbs/containers',
    ['verbs/restart'],
    [
      ['if (container.protected)', 'if (false)'],
      ["if (container.state !== 'running' && container.state !== 'exited' && container.state !== 'restarting')", 'if (false)'],
      ['if (busy.has(container.id)) throw', 'if (false) throw'],
      ['busy.delete(container.id)', ''],
      [
        "if (status === 404) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND'",
        "if (false) throw new DaemonError('DOCKER_CONTAINER_NOT_FOUND'",
      ],
      ['if (status === 500) throw', 'if (false) throw'],
    ],
  ),
  ...proxy(
    'engine',
    ['engine'],
    [
      ['if (accept.includes(statusCode)) return resolve(reply)', 'return resolve(reply)'],
      ["if (size > mostBytes) throw nonsense('too long')", ''],
      ['const timer = setTimeout(() => call.destroy(late()), timeoutMs)', 'const timer = undefined'],
      ['compare(chosen, oldest) < 0', 'false'],
      ['compare(floor, chosen) > 0', 'false'],
      ['compare(top, newest) > 0 ? newest : top', 'top'],
    ],
  ),
  ...proxy(
    'held-containers',
    ['held-containers'],
    [
      ['if (byId && byName && byId !== byName)', 'if (false)'],
      ['if (!seen.has(id)) remove(id)', ''],
    ],
  ),
  ...proxy(
    'read-engine',
    ['model'],
    [
      ["if (!Array.isArray(body)) throw nonsense('the list of containers is no list')", ''],
      ["if (!container) throw nonsense('the list of containers holds something else')", ''],
      ["if (object(body).Id !== id) throw nonsense('the inspection is of something else')", ''],
      ['doubt ||= event.atNano < newestNano', ''],
    ],
  ),
  ...proxy(
    'projection',
    ['projection'],
    [
      ['.filter(([name]) => labelNames.test(name))', ''],
      ['.slice(0, longestText)', ''],
      [".replaceAll(unprintable, '')", ''],
    ],
  ),
  ...proxy('follows', ['tests/last-viewer.test.ts'], [['stop.abort()\n      forget(id, reader)', 'forget(id, reader)']]),
  {
    file: 'apps/devops-backend/src/log-feed.ts',
    was: 'stop.abort()\n    over()',
    becomes: 'over()',
    tests: ['tests/last-viewer.test.ts'],
  },
  ...proxy(
    'demultiplex',
    ['demultiplex'],
    [
      ['kind > 2 || ', ''],
      [' || left > longestFrame', ''],
      ['if (bytes.length > room) over = true', ''],
    ],
  ),
  ...agent(
    'scripts/read-script',
    ['scripts/read-script'],
    [
      ['constants.O_RDONLY | constants.O_NOFOLLOW', 'constants.O_RDONLY'],
      ['if (real !== path || !real.startsWith(root + sep))', 'if (false)'],
      ['if (!info.isFile()) return', 'if (false) return'],
      ['if (ownerUid !== null && (info.mode & groupOrOtherWrite) !== 0) return refuse', 'if (false) return refuse'],
      ['if ((info.mode & setIds) !== 0)', 'if (false)'],
      ['if (info.size === 0)', 'if (false)'],
      ['if (bytes.includes(0)) return', 'if (false) return'],
      ["if (bytes.includes('\\r\\n'))", 'if (false)'],
      ['if (info.isSymbolicLink()) return', 'if (false) return'],
      ['if ((info.mode & groupOrOtherWrite) !== 0 && (info.mode & 0o1000) === 0)', 'if (false)'],
    ],
  ),
  ...agent(
    'scripts/approvals',
    ['scripts/approvals'],
    [
      ["return (mode & groupOrOtherWrite) === 0 ? null : 'others may write it'", 'return null'],
      ['constants.O_RDONLY | constants.O_NOFOLLOW', 'constants.O_RDONLY'],
      ['info.size > mostRowBytes', 'false'],
      ['v !== 1 || ', ''],
      ['scriptId !== named || ', ''],
      [' || FORBIDDEN_VARIABLE.test(name)', ''],
      ['!VARIABLE.test(name) || ', ''],
      ['!/^[a-f0-9]{64}$/.test(sha256) || ', ''],
      ['|| timeoutSec < 1 || timeoutSec > longestSec', ''],
      ['edited({ scriptId, approval: null })', ''],
    ],
  ),
  ...agent(
    'ollama/ask-ollama',
    ['ollama/ask-ollama', 'ollama/pulls'],
    [
      ['|| (statusCode >= 300 && statusCode < 400)', ''],
      ["if (size > mostBytes) return fail(nonsense('its answer is too long'))", ''],
      ["if (rest.length > longestLine) throw nonsense('a line is too long')", ''],
      ['call.setTimeout(silenceMs, () => call.destroy(late(silenceMs)))', ''],
    ],
  ),
  ...agent(
    'ollama/read-models',
    ['ollama/ask-ollama'],
    [
      ['&& MODEL.test(raw.name)', ''],
      ['&& /^[a-zA-Z0-9][a-zA-Z0-9._+ -]*$/.test(value)', ''],
    ],
  ),
  ...agent(
    'ollama/delete-plans',
    ['ollama/ollama'],
    [
      ['known.plan.name !== name', 'false'],
      ['if (known.used) throw', 'if (false) throw'],
      ['if (model.digest !== plan.modelDigest)', 'if (false)'],
      ['await assertNotLoaded(ollama, model, now().getTime())', ''],
    ],
  ),
  ...agent(
    'ollama/pulls',
    ['ollama/pulls'],
    [
      ["if (progress.phase !== 'done') throw nonsense('the pull ended without success')", ''],
      ['return (await findModel(ollama, name)).model.digest', "return 'f'.repeat(64)"],
    ],
  ),
  ...agent('ollama/ollama-verbs', ['ollama/pulls'], [['if (!registries.includes(registry))', 'if (false)']]),
  ...proxy(
    'gateway/gateway-socket',
    ['tests/attacks/gateway-socket.test.ts'],
    [
      ["if (method !== 'GET') throw", 'if (false) throw'],
      ["if (httpVersion !== '1.1') throw", 'if (false) throw'],
      ['following.stop?.abort()\n  following.stop = own', 'following.stop = own'],
    ],
  ),
  ...proxy(
    'gateway/gateway-answers',
    ['tests/attacks/gateway-socket.test.ts'],
    [
      ['labelName.test(name) && ', ''],
      ["if (raw.Id !== id) throw nonsense('the inspection is of something else')", ''],
    ],
  ),
  ...kit('plan-shelf', [
    ['digestOf(kept.plan) === digest ? kept : null', 'kept'],
    ['(left === 1 || bytes <= most)', 'true'],
  ]),
  ...kit(
    'disk-trouble',
    [
      ['if (full.has(code)) return', 'if (false) return'],
      ['if (failing.has(code))', 'if (false)'],
    ],
    ['serve-verb'],
  ),
  ...proxy(
    'cleanup/receipts',
    ['cleanup/receipts'],
    [
      ['Math.ceil(inFile / filesPerAnswer)', '0'],
      ['(kept.length > 1 && bytes > mostBytes)', 'false'],
      ['          behind = true\n', ''],
      ['unwritten.set(own, finish)\n', ''],
    ],
  ),
  ...agent(
    'probe-health',
    ['probe-health'],
    [
      ["url.username !== '' || url.password !== '' || ", ''],
      ["if (isIP(address) === 0 || !(address.startsWith('127.') || address === '::1')) throw", 'if (false) throw'],
      ['if (consolePorts.includes(port)) throw', 'if (false) throw'],
      ["if (!listed) throw refused('its origin is not in PROBE_ORIGINS')", ''],
      ['if (size >= mostBytes) finish()', ''],
    ],
  ),
  ...agent(
    'metrics/host-files',
    ['metrics/sample-host', 'metrics/uses'],
    [
      ['constants.O_NOFOLLOW | ', ''],
      ['if (size > mostBytes) return', 'if (false) return'],
      ['entry.isDirectory()', 'true'],
    ],
  ),
  ...agent(
    'metrics/containers',
    ['metrics/uses'],
    [
      ['else next.push(', 'next.push('],
      ['found.slice(0, mostContainers)', 'found'],
    ],
  ),
  ...agent('metrics/sample-host', ['metrics/sample-host'], [['atMs - last.atMs >= sharedMs', 'true']]),
  ...agent(
    'config',
    ['config'],
    [
      ["root === '' || !isAbsolute(root) || ", ''],
      ["resolve(root) === '/'", 'false'],
      ['|| realpathSync(root) !== resolve(root)', ''],
      ['if (uid !== 0)', 'if (false)'],
    ],
  ),
  ...agent(
    'scripts/find-scripts',
    ['scripts/find-scripts'],
    [
      [' && realpathSync(path) === path', ''],
      ['isFolderItself(root) ? folderTrouble(root, ownerUid)', 'isFolderItself(root) ? null'],
    ],
  ),
  ...agent('scripts/script-book', ['scripts/script-book'], [['roots.flatMap((root) => rootTrouble(root, uid) ?? []),', '']]),
  ...kit('declared', [
    ["if (!['read', 'change', 'destroy'].includes(risk as string)) throw", 'if (false) throw'],
    ["if (!['viewer', 'operator', 'admin'].includes(role as string)) throw", 'if (false) throw'],
    ["if (typeof service !== 'boolean') throw", 'if (false) throw'],
    ['if (!isKnown(args)) throw', 'if (false) throw'],
    ['if (!Array.isArray(limits)) throw', 'if (false) throw'],
    ['if (service) throw', 'if (false) throw'],
    ["?.is !== 'digest') throw", "?.is === 'never') throw"],
  ]),
  ...kit('standing', [
    ['uid === 0 && ', 'false && '],
    ['capabilities !== null && capabilities !== 0n && ', 'false && '],
    ['mayGain && ', 'false && '],
    ['rootWritable && ', 'false && '],
    ['interfaces.length > 0 && ', 'false && '],
    ['.at(-1)?.[5]', '[0]?.[5]'],
  ]),
  ...kit('daemon', [
    ['for (const verb of verbs) assertDeclared(verb)', ''],
    ['await assertSocketFree(options.socketPath)', ''],
    ['if (missing.length > 0 || strange.length > 0 || routes.size !== handled.length)', 'if (false)'],
  ]),
  ...kit(
    'socket',
    [
      ['if (!info.isDirectory()) throw', 'if (false) throw'],
      ['if ((info.mode & 0o022) !== 0)', 'if (false)'],
      ['if (there && !there.isSocket()) throw', 'if (false) throw'],
    ],
    ['socket', 'tests/faults/start-refusals.test.ts'],
  ),
  ...kit('socket', [
    ['mkdirSync(folder, { recursive: true, mode: 0o750 })', 'mkdirSync(folder, { recursive: true })'],
    ['lstatSync(folder)', "lstatSync(dirname(path) + '/.')"],
    ['0o022', '0o002'],
    ['if (there && (await answers(path))) throw', 'if (false) throw'],
    ["code !== 'ECONNREFUSED' && code !== 'ENOENT'", 'false'],
    ["code !== 'ECONNREFUSED' && code !== 'ENOENT'", 'true'],
    ['rmSync(path, { force: true })', ''],
    ['chmodSync(path, 0o660)', ''],
    ['chmodSync(path, 0o660)', 'chmodSync(path, 0o666)'],
  ]),
  ...kit('daemon', [['if (options.production && doubts.length > 0) throw', 'if (false) throw']], ['tests/faults/start-refusals.test.ts']),
  ...kit('grants', [
    ['if (burnt.clockIsBack())', 'if (false)'],
    ['grant.sub !== caller.id || ', ''],
    ['grant.sid !== caller.sid || ', ''],
    ['grant.verb !== verb.id || ', ''],
    [' || grant.digest !== digest', ''],
    ['if (burnt.has(grant.jti)) throw', 'if (false) throw'],
  ]),
]
