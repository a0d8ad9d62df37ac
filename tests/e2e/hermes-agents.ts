import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type SeededBrowser, startSeededBrowser } from './seeded-browser.ts'

type Instance = { readonly id: string; readonly home: string; readonly backupRepo?: string; readonly memoryBodies?: boolean }

/** The seeded console with these agents of the account that runs the test, listed by a file in the folder. No unit of theirs is there. */
export function startWithAgents(folder: string, instances: readonly Instance[]): Promise<SeededBrowser> {
  const whole = instances.map((one) => ({ ...one, label: one.id, user: userInfo().username, unit: 'console-none.service' }))
  const file = join(folder, 'instances.json')
  writeFileSync(file, JSON.stringify(whole), { mode: 0o600 })
  return startSeededBrowser({ HERMES_INSTANCES: file })
}

export type Span = {
  /** The agent; `night watch` where none is named. */
  agent?: string
  operation: string
  model?: string
  ms: number
  agoMs?: number
  error?: string
  tokens?: readonly [number, number]
  cost?: number
}

/** Spans as the conventions for generative AI write them. */
export function spansOf(all: readonly Span[]): string {
  const spans = all.map(({ agent = 'night watch', operation, model, ms, agoMs = 1_000, error, tokens, cost }) => {
    const endMs = Date.now() - agoMs
    const attributes = [
      { key: 'gen_ai.operation.name', value: { stringValue: operation } },
      { key: 'gen_ai.agent.name', value: { stringValue: agent } },
      ...(model ? [{ key: 'gen_ai.request.model', value: { stringValue: model } }] : []),
      ...(error ? [{ key: 'error.type', value: { stringValue: error } }] : []),
      ...(tokens ?? []).map((count, at) => ({
        key: `gen_ai.usage.${at === 0 ? 'input' : 'output'}_tokens`,
        value: { intValue: String(count) },
      })),
      ...(cost === undefined ? [] : [{ key: 'gen_ai.usage.cost', value: { doubleValue: cost } }]),
    ]
    return {
      ...{ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: operation, attributes },
      ...{ startTimeUnixNano: `${endMs - ms}000000`, endTimeUnixNano: `${endMs}000000` },
    }
  })
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] })
}

/** A repository of backups whose one commit is so old. @returns its folder */
export function backupOf(folder: string, minutesAgo: number, subject = 'sessions'): string {
  mkdirSync(folder)
  const date = new Date(Date.now() - minutesAgo * 60_000 - 5_000).toISOString()
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=agent', '-c', 'user.email=agent@example.net', ...args], {
      stdio: 'ignore',
      env: { ...process.env, GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
    })
  git('init', '-q')
  git('commit', '-q', '--allow-empty', '-m', subject)
  return folder
}
