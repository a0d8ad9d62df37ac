import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { openDesk, type Run } from '@console/testkit/agent-desk'
import type { AgentPlace } from '@console/testkit/agent-place'

export type Checked = Run & {
  checks: { name: string; state: string; exitCode: number | null; bound: string | null }[]
  deadlineAt: string
  cut: boolean
}

/** Projects below a root, and checks of them, each asked by somebody new. */
export function openCodeDesk(place: Pick<AgentPlace, 'kit' | 'scripts' | 'write' | 'bash'>, roots: string) {
  const desk = openDesk(place)
  const mine = randomBytes(4).toString('hex')
  let runs = 0
  const ask = (projectPath: string, checks: readonly string[] = ['lint'], more: object = {}) => {
    runs += 1
    place.kit.nextPerson()
    return place.kit.ask('code.check', { runId: `check-${mine}-${runs}`, projectPath, checks, ...more })
  }
  const begin = async (projectPath: string, checks: readonly string[] = ['lint']): Promise<string> => {
    const { body, text } = await ask(projectPath, checks)
    const taken = (body as unknown as { run?: Run }).run
    if (!taken) throw new Error(`not taken: ${text}`)
    return taken.runId
  }
  const textsOf = async (runId: string): Promise<string[]> => (await desk.lines(runId)).map(({ text }) => text)
  return {
    desk,
    ask,
    begin,
    textsOf,
    /** A project with these scripts and files, as root's own where the place is root's. */
    project(name: string, scripts: Record<string, string>, files: Record<string, string> = {}): string {
      const folder = join(roots, name)
      const all = { 'package.json': JSON.stringify({ name: name.replaceAll('/', '-'), version: '1.0.0', scripts }), ...files }
      place.bash('mkdir -p "$@"', ...new Set(Object.keys(all).map((path) => dirname(join(folder, path)))))
      for (const [path, text] of Object.entries(all)) place.write(join(folder, path), text)
      return folder
    },
    codeOf: ({ status, body }: Awaited<ReturnType<typeof ask>>) => [status, (body as { code?: string }).code],
    /** From its taking to its end, with all that it printed. */
    async through(projectPath: string, checks: readonly string[] = ['lint']) {
      const run = (await desk.ended(await begin(projectPath, checks), 90_000)) as Checked
      return { run, text: await textsOf(run.runId) }
    },
  }
}
