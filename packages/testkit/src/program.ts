import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export type Program = { readonly child: ChildProcess; readonly output: string[]; stop(): Promise<void>; kill(): Promise<void> }

/** Starts one of the project's programs and waits for its `ready` line. @throws Error with its output when it ends before */
export async function startProgram(entry: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const root = join(import.meta.dirname, '../../..')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, entry)], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
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
  void closed.then(() => ready.reject(new Error(`${entry} ended before it was ready:\n${output.join('\n')}`)))
  await ready.promise
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await closed
  }
  return { child, output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
