import type { CleanupKind } from '@console/contracts/docker/disk-schemas'
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'

const kindNames = ['containers', 'images', 'build-cache', 'volumes'] as const

/** What is chosen for a cleanup, in the address: a link can say it. */
export function useChoice() {
  const [choice, set] = useQueryStates({
    kinds: parseAsArrayOf(parseAsStringLiteral(kindNames)).withDefault([]),
    scope: parseAsStringLiteral(['dangling', 'unused']).withDefault('dangling'),
    volumes: parseAsArrayOf(parseAsString).withDefault([]),
  })
  return {
    ...choice,
    tick: (kind: CleanupKind, on: boolean) =>
      void set({
        kinds: kindNames.filter((one) => (one === kind ? on : choice.kinds.includes(one))),
        ...(kind === 'volumes' && !on && { volumes: [] }),
      }),
    take: (scope: 'dangling' | 'unused') => void set({ scope }),
    name: (volume: string, on: boolean) =>
      void set({ volumes: on ? [...choice.volumes, volume] : choice.volumes.filter((one) => one !== volume) }),
    clear: () => void set({ kinds: null, scope: null, volumes: null }),
  }
}
export type ChoiceState = ReturnType<typeof useChoice>

/** The choice as the plan is asked for. */
export function planInput({ kinds, scope, volumes }: Pick<ChoiceState, 'kinds' | 'scope' | 'volumes'>) {
  return {
    kinds: [...kinds],
    ...(kinds.includes('images') && { images: scope }),
    ...(kinds.includes('volumes') && volumes.length > 0 && { volumes: [...volumes] }),
  }
}
