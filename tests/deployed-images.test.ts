import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { deployedParts } from '@console/testkit/deployed-console'
import { describeNeeding } from '@console/testkit/needs'
import { root } from '@console/testkit/start-console'
import { expect, it } from 'vitest'

const minutes = 60_000
const images = deployedParts.filter((part) => part !== 'gateway')

/** A last stage that holds nothing but the list of all that is in each image: path, mode, owner and digest or what a link leads to. */
const listing = `
FROM base AS listed
USER 0
RUN ${images.map((name) => `--mount=type=bind,from=${name},source=/,target=/images/${name}`).join(' ')} mkdir /lists && cd /images \\
    && find . -printf '%y %m %U:%G %p %l\\n' | LC_ALL=C sort > /lists/entries \\
    && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > /lists/contents
FROM scratch AS lists
COPY --from=listed /lists /
`

describeNeeding('deployed', 'the images of the console', () => {
  it(
    'are the same by path, mode, owner and content, whether a build takes what an earlier one left or makes all anew',
    () => {
      const [kept, anew] = [listsOf(), listsOf('--no-cache')]
      const main = 'apps/platform-service/src/main.ts'
      const digest = createHash('sha256')
        .update(stripTypeScriptTypes(readFileSync(join(root, main), 'utf8')))
        .digest('hex')
      expect(kept).toContain(`${digest}  ./platform-service/srv/${main}`)
      for (const web of ['devops-web', 'admin-web'])
        expect(kept.filter((line) => line.includes(`./${web}/srv/site/_next/static/`)).length).toBeGreaterThan(20)
      const [before, after] = [new Set(kept), new Set(anew)]
      expect({ gone: kept.filter((line) => !after.has(line)), come: anew.filter((line) => !before.has(line)) }).toEqual({
        gone: [],
        come: [],
      })
    },
    15 * minutes,
  )
})

function listsOf(...options: readonly string[]): string[] {
  const out = mkdtempSync('/var/tmp/deployed-images-')
  const file = join(out, 'Dockerfile')
  try {
    writeFileSync(file, `${readFileSync(join(root, 'deploy/Dockerfile'), 'utf8')}${listing}`)
    copyFileSync(join(root, 'deploy/Dockerfile.dockerignore'), `${file}.dockerignore`)
    const args = ['build', '--quiet', '--file', file, '--target', 'lists', '--output', `type=local,dest=${join(out, 'lists')}`]
    execFileSync('docker', [...args, ...options, root], {
      env: { ...process.env, DOCKER_BUILDKIT: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    return ['entries', 'contents'].flatMap((list) =>
      readFileSync(join(out, 'lists', list), 'utf8')
        .trimEnd()
        .split('\n'),
    )
  } finally {
    rmSync(out, { recursive: true })
  }
}
