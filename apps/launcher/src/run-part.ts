import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { partMark } from './left-parts.ts'
import { openPartLog } from './part-log.ts'
import type { Part } from './parts.ts'

export type RunningPart = {
  readonly part: Part
  /** Resolves at the first `ready` line; rejects with the last lines when the process ends before. */
  readonly ready: Promise<void>
  restart(): void
  stop(): Promise<void>
  /** Ends it without waiting for anything. */
  kill(): void
}
type Options = {
  readonly part: Part
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
  /** A warning, an error, or a secret for the person at the terminal. */
  readonly say: (line: string) => void
}

const stopMs = 8_000
const pause = { shortestMs: 250, longestMs: 5_000 }
/** A part that lived this long after it was ready did not end because of how it starts. */
const provenMs = 500
const repeatMs = 60_000
const endWithLauncher = join(import.meta.dirname, 'end-with-launcher.ts')

/**
 * Runs one part, keeps its log, and starts it again when it ends by itself: at once, and then after longer and longer pauses. A part
 * that is needed and never was ready is given up.
 */
export function runPart({ part, dataDir, env, say }: Options): RunningPart {
  const tell = seldom(say)
  const log = openPartLog({ file: join(dataDir, 'logs', `${part.name}.log`), say: tell })
  const last: string[] = []
  let child: ChildProcess
  let wanted = true
  let wasReady = false
  let readyAt: number | null = null
  let pauseMs: number = pause.shortestMs
  let again: NodeJS.Timeout | undefined
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)

  const take = (line: string, fromStderr: boolean): void => {
    if (/^setup token: \S+/.test(line)) {
      say(line)
      return
    }
    log.write(line)
    last.push(line)
    if (last.length > 20) last.shift()
    const told = forTerminal(line, fromStderr)
    if (told !== null) tell(`${part.name}: ${told}`)
    if (parse(line)?.msg !== 'ready') return
    if (pauseMs > pause.shortestMs) say(`${part.name} is ready`)
    readyAt = performance.now()
    wasReady = true
    ready.resolve()
  }

  const ended = (how: string): void => {
    if (!wanted) return
    if (!wasReady) {
      ready.reject(new Error(`${part.name} ${how}:\n${last.map((line) => `  ${line}`).join('\n')}`))
      if (part.needed) return
    }
    if (readyAt !== null && performance.now() - readyAt >= provenMs) pauseMs = pause.shortestMs
    readyAt = null
    tell(`${part.name} ${how}; starting it again${pauseMs < pause.longestMs ? ` in ${pauseMs} ms` : ` every ${pauseMs / 1_000} s`}`)
    again = setTimeout(start, pauseMs)
    pauseMs = Math.min(pauseMs * 2, pause.longestMs)
  }

  const start = (): void => {
    child = spawnPart(part, dataDir, env)
    let failure: Error | null = null
    child.once('error', (error) => {
      failure = error
    })
    child.once('close', (code, signal) => {
      if (failure) ended(`could not be started: ${failure.message}`)
      else ended(signal ? `was ended by ${signal}` : `ended with exit ${code}`)
    })
    eachLine(child.stdout, (line) => take(line, false))
    eachLine(child.stderr, (line) => take(line, true))
  }
  start()

  const stop = async (): Promise<void> => {
    wanted = false
    clearTimeout(again)
    await end(child)
    await log.end()
  }
  return { part, ready: ready.promise, restart: () => void child.kill('SIGTERM'), stop, kill: () => void child.kill('SIGKILL') }
}

/** In a session of its own: Ctrl-C and the closing of a terminal reach the launcher alone, which ends the parts in order. */
function spawnPart(part: Part, dataDir: string, env: NodeJS.ProcessEnv): ChildProcess {
  const flags = ['--disable-warning=ExperimentalWarning', ...(part.flags ?? [])]
  return spawn(process.execPath, [...flags, '--import', endWithLauncher, part.entry], {
    // What was compiled once is kept: it halves the time until a part is ready.
    env: { NODE_COMPILE_CACHE: join(dataDir, 'cache'), ...env, ...part.env, [partMark]: dataDir },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
}

/** A warning, an error, or words that no program of ours wrote; null for the rest. */
function forTerminal(line: string, fromStderr: boolean): string | null {
  const entry = parse(line)
  if (!entry) return fromStderr && !/ExperimentalWarning|--trace-warnings/.test(line) ? line : null
  return ['warn', 'error', 'fatal'].includes(entry.level ?? '') ? (entry.msg ?? line) : null
}

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', take)
}

/** The same words are said once a minute: what fails again and again would push everything else off the screen. */
function seldom(say: (line: string) => void): (line: string) => void {
  const said = new Map<string, number>()
  return (line) => {
    const now = performance.now()
    for (const [old, at] of said) if (now - at > repeatMs) said.delete(old)
    if (said.has(line)) return
    said.set(line, now)
    say(line)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), stopMs)
  await closed
  clearTimeout(kill)
}

function parse(line: string): { msg?: string; level?: string } | null {
  if (!line.startsWith('{')) return null
  try {
    return JSON.parse(line) as { msg?: string; level?: string }
  } catch {
    return null
  }
}
