import { appendFileSync } from 'node:fs'
import process from 'node:process'
import { describe } from 'vitest'
import { needs, type Part, whyMissing } from './machine.ts'

export {
  caddyPath,
  chromiumPath,
  dockerSocket,
  hermesHome,
  hermesProgram,
  hermesReleases,
  needs,
  ollamaUrl,
  otelPython,
  type Part,
  parts,
  pebbleDnsPath,
  pebblePath,
  schemathesisPath,
  traefikImage,
  whyMissing,
} from './machine.ts'

const env = process.env

/** A suite that needs one or more parts; left out when one is missing, which is said once per part: `left out: docker: …`. */
export function describeNeeding(part: Part | readonly Part[], name: string, body: () => void): void {
  const missing = [part].flat().filter((one) => !needs[one])
  for (const one of missing) sayOnce(one)
  describe.skipIf(missing.length > 0)(name, body)
}

// The run that found a part beforehand demands it: a suite then fails rather than leaving it out in silence.
const demanded: readonly [string, Part][] = [
  ['REQUIRE_DOCKER', 'docker'],
  ['REQUIRE_ENGINE_NEXT', 'engineNext'],
  ['REQUIRE_CHROMIUM', 'chromium'],
  ['REQUIRE_VM', 'vm'],
  ['REQUIRE_ROOT', 'root'],
  ['REQUIRE_STRACE', 'strace'],
  ['REQUIRE_OLLAMA', 'ollama'],
  ['REQUIRE_TRAEFIK', 'traefik'],
  ['REQUIRE_HERMES_HOME', 'hermesHome'],
  ['REQUIRE_HERMES_VM', 'hermesVm'],
  ['REQUIRE_DEPLOYED', 'deployed'],
  ['REQUIRE_GUIDE', 'guide'],
]
for (const [name, part] of demanded) {
  if (env[name] === '1' && !needs[part]) throw new Error(`${name}=1, but ${part} is missing: ${whyMissing(part)}`)
}

const said = new Set<Part>()

function sayOnce(part: Part): void {
  if (said.has(part)) return
  said.add(part)
  sayLeftOut(`${part}: ${whyMissing(part)}`)
}

/** Says at the end of the run, too, what could not be tried here. */
export function sayLeftOut(what: string): void {
  process.stdout.write(`left out: ${what}\n`)
  if (env.CONSOLE_LEFT_OUT) appendFileSync(env.CONSOLE_LEFT_OUT, `${what}\n`)
}
