import { connect } from 'node:tls'
import { type GuideMachine, portTo, publishSources } from '@console/testkit/guide-machine'
import { chromiumPath } from '@console/testkit/needs'
import { good, type Person, password, peopleOf } from '@console/testkit/people'
import { certificateFor } from '@console/testkit/tls-front'
import { chromium } from 'playwright-core'
import { flags, patienceMs } from '../e2e/chromium-page.ts'
import { checkout } from './follow.ts'
import { until } from './until.ts'

export const minutes = 60_000
export const domain = 'console.test'
export const firstEmail = 'first@example.net'
export const names = ['devops', 'admin', 'api'].map((host) => `${host}.${domain}`)
/** What deploy.sh says at the end of a start. */
export const wellAgain = /version [0-9]{8}-[0-9]{6} is well/
const repository = '/srv/console.git'

/** A runbook, and the whole way from what is wrong to a console that is well again. */
export type Book = { readonly name: string; readonly go: (place: Place) => Promise<unknown> }
export type Place = Awaited<ReturnType<typeof openPlace>>

/** The machine of somebody who follows the guide, with what the guide takes for granted: names that lead there, a repository, a certificate. */
export async function openPlace(machine: GuideMachine) {
  await machine.must(`for name in ${names.join(' ')}; do grep -q " $name$" /etc/hosts || echo "127.0.0.1 $name" >> /etc/hosts; done`)
  // The host needs no Node, says the guide.
  await machine.must('rm -rf /usr/local/bin/node /usr/local/bin/npm /usr/local/bin/npx /usr/local/lib/node_modules')
  await publishSources(machine, repository)
  const way = await portTo(machine, 443)
  const trusted = certificateFor(names, 6 * 60 * minutes)
  const people = peopleOf({
    devopsPort: way.port,
    platformPort: way.port,
    origin: `https://devops.${domain}`,
    over: { host: `api.${domain}`, ca: trusted.cert },
  })
  let signedIn: Promise<Person> | undefined
  let known = password
  const place = {
    machine,
    trusted,
    people,
    words: { YOUR_REPOSITORY: repository, 'your.domain': domain, 'you@example.com': firstEmail },
    /** The first admin over https, with the certificate of `trusted` alone believed. */
    admin(): Promise<Person> {
      signedIn ??= people.signIn(firstEmail, known)
      return signedIn
    },
    /** The same, who has just shown the password again, as what destroys asks for. */
    async confirming(): Promise<Person> {
      const person = await place.admin()
      good(await person.platform.post('/auth/step-up', { password: known }), 200)
      return person
    },
    /** The first admin has to sign in anew, with another password where one is given. */
    signOut(next = known): void {
      known = next
      signedIn = undefined
    },
    /** Both services know the first admin, by the session of before where there was one, within half a minute. */
    isSignedIn: (): Promise<unknown> =>
      until(
        'both services know who is signed in',
        async () => {
          const { platform, devops } = await place.admin()
          const answers = await Promise.all([platform.get('/users'), devops.get('/parts')]).catch(() => [])
          return answers.length === 2 && answers.every(({ status }) => status === 200)
        },
        minutes / 2,
      ),
    /** Why the gateway is not believed by somebody who trusts what `authority` signed, as the code of TLS says it; `undefined` where it is. */
    distrust: (authority = trusted.cert): Promise<string | undefined> =>
      new Promise((resolve) => {
        const done = (why?: string): void => {
          socket.destroy()
          resolve(why)
        }
        const socket = connect({ host: '127.0.0.1', port: way.port, servername: names[0] ?? '', ca: authority }, () => done())
        socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
      }),
    /** The version that runs, by what deploy.sh says. */
    version: async (): Promise<string> => /version: (\S+)/.exec(await machine.must(`${checkout}/deploy/deploy.sh status`))?.[1] ?? '',
    /** All parts are well, as the engine says. */
    areWell: (within = 2 * minutes): Promise<unknown> =>
      until(
        'every part is well',
        async () => {
          const { output } = await machine.run(
            `docker ps --filter label=com.docker.compose.project=bytelyst-console --format '{{.Names}} {{.Status}}'`,
          )
          return output.trim().split('\n').length >= 6 && !/unhealthy|starting|Restarting/.test(output)
        },
        within,
      ),
    /** One commit more in the repository, as somebody who works on the console makes it. */
    publishChange: (file: string, line: string): Promise<string> =>
      machine.must(`rm -rf ~/work && git clone --quiet ${repository} ~/work && cd ~/work && echo '${line}' >> ${file}
        git add --all && git -c user.name=guide -c user.email=guide@example.net commit --quiet --message 'change one line' && git push --quiet && rm -rf ~/work`),
    /** The newcomer’s page in a browser, with the token that the guide shows. */
    signUp: (token: string): Promise<void> => signUp(way.port, token),
    close(): void {
      way.close()
    },
  }
  return place
}

async function signUp(port: number, token: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [...flags, `--host-resolver-rules=MAP *.${domain}:443 127.0.0.1:${port}`],
  })
  try {
    // Until there is a certificate of one's own the gateway shows one that nobody believes.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce' })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    await page.goto(`https://devops.${domain}`)
    await page.getByLabel('Setup token').fill(token)
    await page.getByLabel('Your name').fill('First Admin')
    await page.getByLabel('E-mail').fill(firstEmail)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('Password again').fill(password)
    await page.getByRole('button', { name: 'Make the account' }).click()
    await page.getByRole('heading', { name: 'Needs attention' }).waitFor()
    await page.goto(`https://admin.${domain}/people`)
    await page.getByText(firstEmail).first().waitFor()
  } catch (error) {
    const page = browser.contexts()[0]?.pages()[0]
    throw new Error(`the page says: ${await page?.locator('body').textContent()}`, { cause: error })
  } finally {
    await browser.close()
  }
}
