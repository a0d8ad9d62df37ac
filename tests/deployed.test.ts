import { type DeployedConsole, deployConsole, deployedParts, docker } from '@console/testkit/deployed-console'
import { chromiumPath, describeNeeding } from '@console/testkit/needs'
import { password } from '@console/testkit/people'
import { testImage } from '@console/testkit/test-image'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { flags, patienceMs } from './e2e/chromium-page.ts'

const minutes = 60_000

/** From a checkout to a console behind its gateway, by the one command that the guide names. */
describeNeeding(['deployed', 'chromium'], 'a console that was deployed', () => {
  let deployed: DeployedConsole
  beforeAll(async () => {
    deployed = await deployConsole()
  }, 15 * minutes)
  afterAll(() => deployed?.remove(), 3 * minutes)

  it.each([
    ['devops', '/', 200, /<!DOCTYPE html>/i],
    ['admin', '/settings.json', 200, /"platformUrl":/],
    ['api', '/platform/api/auth/session', 401, /"code"/],
    ['api', '/api/devops/parts', 401, /"code"/],
    ['other', '/', 404, /^404 page not found/],
  ] as const)('answers %s%s over https with %i', async (host, path, status, body) => {
    expect(await deployed.get(host, path)).toEqual({ status, body: expect.stringMatching(body) })
  })

  it(
    'publishes no port but the gateway’s, which answers from another network',
    () => {
      for (const part of deployedParts) {
        const bound = JSON.parse(docker('inspect', '--format', '{{json .HostConfig.PortBindings}}', deployed.nameOf(part))) as object | null
        expect([part, Object.keys(bound ?? {}).length > 0]).toEqual([part, part === 'gateway'])
      }
      // An engine that found its bridge there already does not tell the address of this host on it.
      const routes = docker('run', '--rm', '--network', 'bridge', testImage, 'cat', '/proc/net/route')
      const [, hex = ''] = /^\S+\t00000000\t([0-9A-F]{8})\t/m.exec(routes) ?? []
      const host = Buffer.from(hex, 'hex').reverse().join('.')
      const own = deployedParts
        .filter((part) => part !== 'docker-proxy')
        .map((part) =>
          docker('inspect', '--format', `{{(index .NetworkSettings.Networks "${deployed.network}").IPAddress}}`, deployed.nameOf(part)),
        )
      const targets = [
        ...[3000, 3001, 4003, 4004, 8000, 8081, 8443].flatMap((port) => [host, ...own].map((to) => `${to} ${port}`)),
        `${host} ${deployed.port}`,
      ]
      // Whoever would be reached says so; who is neither reached nor refused is given up after two seconds.
      const script = `try() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && echo "$1 $2"; }
      for target in "$@"; do try $target & pids="$pids $!"; done
      sleep 2; kill -9 $pids 2>/dev/null; exit 0`
      const reached = docker('run', '--rm', '--network', 'bridge', testImage, 'bash', '-c', script, 'try', ...targets)
      expect(reached.split('\n').filter((line) => /^[0-9.]+ [0-9]+$/.test(line))).toEqual([`${host} ${deployed.port}`])
    },
    minutes,
  )

  it(
    'makes the first admin in a browser, who is then signed in at both dashboards, and sends the session to no other part',
    async () => {
      const browser = await chromium.launch({
        executablePath: chromiumPath ?? '',
        args: [...flags, `--host-resolver-rules=MAP *.${deployed.domain}:443 127.0.0.1:${deployed.port}`],
      })
      try {
        // The certificate is this test's own; that it is the right one is asked by every other request of this file.
        const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce' })
        context.setDefaultTimeout(patienceMs)
        const page = await context.newPage()
        const sent: { url: string; cookies: string }[] = []
        const devtools = await context.newCDPSession(page)
        await devtools.send('Network.enable')
        const urls = new Map<string, string>()
        devtools.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url))
        devtools.on('Network.requestWillBeSentExtraInfo', ({ requestId, headers }) =>
          sent.push({
            url: urls.get(requestId) ?? `${headers[':scheme']}://${headers[':authority']}${headers[':path']}`,
            cookies: headers.cookie ?? headers.Cookie ?? '',
          }),
        )
        await page.goto(`https://devops.${deployed.domain}`)
        await page.getByLabel('Setup token').fill(deployed.secret('setup_token'))
        await page.getByLabel('Your name').fill('First Admin')
        await page.getByLabel('E-mail').fill('first@example.net')
        await page.getByLabel('Password', { exact: true }).fill(password)
        await page.getByLabel('Password again').fill(password)
        await page.getByRole('button', { name: 'Make the account' }).click()
        await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
        await page.goto(`https://admin.${deployed.domain}/people`)
        await page.getByText('first@example.net').first().waitFor()
        const session = (await context.cookies()).find(({ name }) => name === '__Secure-bl_sid')
        expect(session).toMatchObject({ path: '/platform/api', httpOnly: true, secure: true, sameSite: 'Strict' })
        const to = (path: string) => sent.filter(({ url, cookies }) => url.includes(path) && cookies !== '')
        expect(to('/platform/api').some(({ cookies }) => cookies.includes('__Secure-bl_sid='))).toBe(true)
        expect(to('/api/devops').length).toBeGreaterThan(0)
        expect(to('/api/devops').filter(({ cookies }) => cookies.includes('bl_sid'))).toEqual([])
      } finally {
        await browser.close()
      }
    },
    5 * minutes,
  )
})
