import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** Scripts that do what a step of the newcomer needs, and wait for the test where it must be quick enough to see something. */
export function writeScripts(roots: string, mark: string): void {
  const folder = join(roots, 'trials')
  mkdirSync(folder)
  const script = (name: string, body: string): void => writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${body}`, { mode: 0o755 })
  script(
    'serves.sh',
    `# timeout: 300\n# variables: RELEASE TOKEN\necho "::step prepare::"\necho "release $RELEASE with $TOKEN"\nn=0\nuntil [ -e '${join(roots, 'go')}' ]; do\n  n=$((n + 1))\n  echo "line $n"\n  echo "remark $n" >&2\n  sleep 0.3\ndone\necho "::step start::"\necho served\n`,
  )
  script('fails.sh', `# timeout: 60\necho 'everything is prepared'\necho 'error: the database refused the connection' >&2\nexit 3\n`)
  script(
    'hangs.sh',
    `# timeout: 600\necho waiting\nsetsid bash -c 'trap "" TERM; while true; do sleep 1; done' ${mark} &\nwhile true; do sleep 1; done\n`,
  )
  script('exits-zero.sh', `# timeout: 60\necho 'done, says the script'\n`)
}

/** Lets `serves.sh` go on. */
export function letGo(roots: string): void {
  if (!existsSync(join(roots, 'go'))) writeFileSync(join(roots, 'go'), '')
}

export type Watched = { readonly url: string; heal(): void; close(): Promise<void> }

/** What a health check asks: ill until it is healed. */
export async function startWatched(): Promise<Watched> {
  let well = false
  const server = createServer((_request, answer) => {
    answer.statusCode = well ? 200 : 503
    answer.end(well ? 'ready' : 'warming')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`,
    heal: () => {
      well = true
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
