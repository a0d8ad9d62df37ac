import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Part } from './parts.ts'

export type RunningPart = {
  readonly part: Part
  /** Resolves at the first `ready` line; rejects with the last lines when the process ends before. */
  readonly ready: Promise<void>
  restart(): void
  stop(): Promise<void>
}
type Options = {
  readonly part: Part
  readonly logDir: string
  readonly env: NodeJS.ProcessEnv
  /** A warning, an error, or a secret for the person at the terminal. */
  readonly say: (line: string) => void
}

const stopMs = 8_000
const longestPauseMs = 5_000
const logBytes = 10 * 1_024 * 1_024

/** Runs one part, keeps its log, and starts it again when it ends by itself after it was ready. */
export function runPart({ part, logDir, env, say }: Options): RunningPart {
  const log = openLog(logDir, part.name)
  const last: string[] = []
  let child: ChildProcess
  let wanted = true
  let wasReady = false
  let pauseMs = 250
  let again: NodeJS.Timeout | undefined
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)

  const take = (line: string, fromStderr: boolean): void => {
    const secret = /^setup token: (\S+)/.exec(line)
    if (secret) {
      say(line)
      return
    }
    log.write(`${line}\n`)
    last.push(line)
    if (last.length > 20) last.shift()
    const entry = parse(line)
    if (entry?.msg === 'ready') {
      wasReady = true
      pauseMs = 250
      ready.resolve()
    }
    if (entry?.level === 'error' || entry?.level === 'warn' || entry?.level === 'fatal') say(`${part.name}: ${entry.msg ?? line}`)
    else if (!entry && fromStderr && !/ExperimentalWarning|--trace-warnings/.test(line)) say(`${part.name}: ${line}`)
  }

  const start = (): void => {
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', part.entry], {
      env: { ...env, ...part.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => take(line, false))
    if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => take(line, true))
    child.once('close', (code, signal) => {
      if (!wanted) return
      const how = signal ? `was ended by ${signal}` : `ended with exit ${code}`
      if (!wasReady) {
        ready.reject(new Error(`${part.name} ${how}:\n${last.map((line) => `  ${line}`).join('\n')}`))
        return
      }
      say(`${part.name} ${how}; starting it again in ${pauseMs} ms`)
      again = setTimeout(start, pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    })
  }
  start()

  const stop = async (): Promise<void> => {
    wanted = false
    clearTimeout(again)
    await end(child)
    await new Promise<void>((resolve) => log.end(() => resolve()))
  }
  return { part, ready: ready.promise, restart: () => void child.kill('SIGTERM'), stop }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await closed
  clearTimeout(kill)
}

function openLog(logDir: string, name: string): WriteStream {
  mkdirSync(logDir, { recursive: true, mode: 0o700 })
  const file = join(logDir, `${name}.log`)
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logBytes) renameSync(file, `${file}.1`)
  return createWriteStream(file, { flags: 'a', mode: 0o600 })
}

function parse(line: string): { msg?: string; level?: string } | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as { msg?: string; level?: string }
  } catch {
    return null
  }
}
