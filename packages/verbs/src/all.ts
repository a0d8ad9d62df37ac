import * as cleanup from './cleanup.ts'
import * as code from './code.ts'
import * as containers from './containers.ts'
import * as cron from './cron.ts'
import { dockerProxySelf, hostAgentSelf } from './daemon.ts'
import * as disk from './disk.ts'
import * as engine from './engine.ts'
import * as health from './health.ts'
import * as hermes from './hermes.ts'
import * as ollama from './ollama.ts'
import * as runs from './runs.ts'
import * as scripts from './scripts.ts'
import * as system from './system.ts'
import type { Daemon, Verb } from './verb.ts'
import * as vm from './vm.ts'

/** Every row of the privilege surface. What is not here, no daemon answers to. */
export const allVerbs: readonly Verb[] = [
  ...Object.values(dockerProxySelf),
  ...Object.values(engine),
  ...Object.values(containers),
  ...Object.values(disk),
  ...Object.values(cleanup),
  ...Object.values(hostAgentSelf),
  ...Object.values(scripts),
  ...Object.values(runs),
  ...Object.values(health),
  ...Object.values(system),
  code.checkCode,
  code.listProjects,
  ...Object.values(vm),
  ...Object.values(cron),
  ...Object.values(ollama),
  ...Object.values(hermes),
]

export function verbsOf(daemon: Daemon): readonly Verb[] {
  return allVerbs.filter((verb) => verb.daemon === daemon)
}

/** @returns undefined for an unknown id; the first row where both daemons have one of that name. */
export function findVerb(id: string): Verb | undefined {
  return allVerbs.find((verb) => verb.id === id)
}
