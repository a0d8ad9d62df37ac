import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type Program = { readonly child: ChildProcess; readonly output: string[]; stop(): Promise<void>; kill(): Promise<void> }

/**
 * Starts one of the project's programs and waits for its `ready` line. @throws Error with its output when it ends before
 * @param before a command in front of Node, such as one that changes the account
 */
export async function startProgram(entry: string, env: Readonly<Record<string, string>>, before: readonly string[] = []): Promise<Program> {
  const root = join(import.meta.dirname, '../../..')
  const flags = ['--disable-warning=ExperimentalWarning', ...flagsOf(join(root, entry, '../..'))]
  const [program = '', ...args] = [...before, process.execPath, ...flags, join(root, entry)]
  const child = spawn(program, args, {
    cwd: root,
    // What is compiled is kept, as the launcher does for its parts: a start is then quicker by half, and smaller.
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: string[] = []
  const ready = Promise.withResolvers<void>()
  for (const pipe of [child.stdout, child.stderr])
    createInterface({ input: pipe }).on('line', (line) => {
      output.push(line)
      if (line.includes('"msg":"ready"')) ready.resolve()
    })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  void closed.then(() =>
    ready.reject(
      Object.assign(new Error(`${entry} ended before it was ready:\n${output.join('\n')}`), { status: child.exitCode, said: output }),
    ),
  )
  await ready.promise
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await closed
  }
  return { child, output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}

/** How a program that may not start ended, and what it said in its last line; status 0 when it started after all. */
export async function refusedStart(...started: Parameters<typeof startProgram>): Promise<{ status: number | null; said: string }> {
  try {
    const program = await startProgram(...started)
    await program.stop()
    return { status: 0, said: '' }
  } catch (error) {
    const { status, said } = error as { status: number | null; said: string[] }
    return { status, said: (JSON.parse(said.at(-1) ?? '{}') as { msg?: string }).msg ?? '' }
  }
}

/** What the launcher says to Node for a part, by its package.json, so that figures of tests are those of the product. */
function flagsOf(folder: string): readonly string[] {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { nodeFlags?: readonly string[] }).nodeFlags ?? []
}
