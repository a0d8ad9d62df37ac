import type { HermesInstance, HermesOps, HermesReason, HermesWarning } from '@console/contracts/hermes/schemas'
import type { StatusKind } from '@console/ui/status.tsx'

/** Why something is not known, as a sentence. */
export const reasonWords: Readonly<Record<HermesReason, string>> = {
  not_installed: 'There is no home of Hermes.',
  not_initialised: 'Nothing has been written there yet.',
  permission: 'Its owner may not read it.',
  link: 'It is a link, and links are not followed.',
  outside: 'It leads out of the home, so it is not read.',
  not_a_file: 'It is no ordinary file.',
  too_big: 'It is too big to be read.',
  damaged: 'It is damaged.',
  schema: 'It has a form that this console does not know.',
  busy: 'It is being written. The next look is in a minute.',
  timeout: 'The look took too long.',
  needs_root: 'host-agent does not run as root, so it sees its own account’s instance only.',
  no_such_user: 'There is no such account on this host.',
  cannot_start: 'The probe cannot be started as this account.',
  bad_output: 'The probe answered what cannot be read.',
  no_bus: 'Its systemd does not answer.',
}

export const healthWords: Readonly<Record<HermesInstance['health'], { readonly kind: StatusKind; readonly word: string }>> = {
  healthy: { kind: 'ok', word: 'healthy' },
  unhealthy: { kind: 'bad', word: 'down' },
  unknown: { kind: 'unknown', word: 'unknown' },
}

export const severityKinds: Readonly<Record<HermesWarning['severity'], StatusKind>> = { bad: 'bad', warn: 'warn', info: 'unknown' }

/** Unknown ones are said apart and never counted as up or down. */
export function summaryOf({ instances, warnings }: HermesOps): string {
  const count = (health: string): number => instances.filter((one) => one.health === health).length
  const [healthy, unknown, down] = [count('healthy'), count('unknown'), count('unhealthy')]
  const needs = warnings.filter(({ severity }) => severity !== 'info').length
  return [
    `${healthy} up${down > 0 ? ` · ${down} down` : ''}${unknown > 0 ? ` · ${unknown} unknown` : ''} of ${instances.length}`,
    needs === 0 ? 'no warnings' : `${needs} ${needs === 1 ? 'warning' : 'warnings'}`,
    'read only: nothing on this page changes an agent',
  ].join(' · ')
}
