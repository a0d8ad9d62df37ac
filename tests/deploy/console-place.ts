import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { root } from '../source-files.ts'

/** The folder of the test that runs, with programs in `bin` that stand before those of this machine. */
export let folder = ''
/** Gives each test of a file a folder of its own. */
export function inFolders(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'deploy-command-'))
    mkdirSync(join(folder, 'bin'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
}

/**
 * A docker that answers what the checks ask, and writes down each call. The one network that it knows is the file `network`, which holds its id.
 * @param sick the part of a new version that does not get well, or the file of a version of which none does
 * @param kills the part at whose start deploy.sh is ended without having a say
 */
export function aDocker({
  api = '1.41',
  compose = '2.29.0',
  sick = 'none',
  finishes = true,
  copies = true,
  known = true,
  runs = '',
  running = false,
  busyNetwork = false,
  kills = 'none',
} = {}): void {
  const text = `#!/bin/sh
echo "$*" >>${folder}/calls
echo "$COMPOSE_PROFILES $*" >>${folder}/bin/profiles
case "$*" in
  version*) echo ${api} ;;
  "compose version --short") echo ${compose} ;;
  info*) echo / ;;
  "ps --quiet"*) echo ${running ? 'id' : ''} ;;
  "ps --format"*) echo "${runs}" ;;
  "image inspect"*) exit ${known ? 0 : 1} ;;
  compose*" config --images") echo bytelyst-console/platform-service:1 ;;
  save*) echo images >"$3" ;;
  "network create"*) echo made | tee ${folder}/network ;;
  "network inspect -f {{.Id}}"*) cat ${folder}/network ;;
  "network inspect -f"*) echo 172.30.0.0/16, ;;
  "network inspect"*) [ -e ${folder}/network ] ;;
  "network rm"*) ${busyNetwork ? 'exit 1' : `rm ${folder}/network`} ;;
  compose*" config") echo "image: bytelyst-console/platform-service:$CONSOLE_VERSION" ;;
  *" --dry-run") exit ${copies ? 0 : 1} ;;
  *" finish") exit ${finishes ? 0 : 1} ;;
  compose*next.yaml*" up "*" ${kills}") kill -9 $PPID ;;
  compose*${sick.includes('.yaml') ? `${sick}*" up "*` : `next.yaml*" up "*" ${sick}"`}) exit 1 ;;
esac
`
  aProgram('docker', text)
}
export function aProgram(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), text)
  chmodSync(join(folder, 'bin', name), 0o755)
}

/** deploy/deploy.sh of this checkout, with a console in `console` of the folder. */
export const deploy = (...args: string[]) => deployFrom(root, ...args)

export function deployFrom(source: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('bash', [join(source, 'deploy/deploy.sh'), '--dir', join(folder, 'console'), ...args], {
    encoding: 'utf8',
    env: { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder },
  })
  return { status, said: `${stdout}${stderr}` }
}
export const calls = (): string[] =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : []

export const hosted = 'DOMAIN=console.test\nGATEWAY=local\n'
export const account = 'COSMOS_ENDPOINT=https://a.documents.azure.com\n'
/** A console whose settings and secrets are these. */
export function aConsole(settings: string, secrets: Readonly<Record<string, string>> = {}): void {
  for (const name of ['secrets', 'state']) mkdirSync(join(folder, 'console', name), { recursive: true })
  writeFileSync(join(folder, 'console/.env'), settings)
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, 'console/secrets', name), text)
}
/** The secrets that a console which ran has, as its parts read them. */
export function secretsOfBefore(): void {
  mkdirSync(join(folder, 'console/secrets'), { recursive: true })
  for (const name of ['jwt_secret', 'platform_encryption_key', 'devops_encryption_key', 'csrf_secret', 'setup_token']) {
    const file = join(folder, 'console/secrets', name)
    writeFileSync(file, 'of before', { mode: 0o400 })
    if (process.getuid?.() === 0) chownSync(file, 1001, 1001)
  }
}
