type Told = { readonly service: string; readonly text: string; readonly up: boolean }

/** Texts of several services as one: the format wants all samples of a name together, below one head. */
export function joinMetrics(all: readonly Told[]): string {
  const families = new Map<string, { head: string[]; samples: string[] }>()
  for (const { text } of all) {
    let family = { head: [] as string[], samples: [] as string[] }
    for (const line of text.split('\n')) {
      const [, kind, name = ''] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? []
      if (kind === undefined) {
        if (line !== '') family.samples.push(line)
        continue
      }
      const known = families.get(name)
      // The first service heads a name; the others only add to it.
      if (kind === 'HELP') {
        family = known ? { head: [], samples: known.samples } : { head: [line], samples: [] }
        if (!known) families.set(name, family)
      } else if (family.head.length > 0) family.head.push(line)
    }
  }
  const up = all.map(({ service, up: answered }) => `console_service_up{service="${service}"} ${answered ? 1 : 0}`)
  families.set('console_service_up', {
    head: ['# HELP console_service_up Whether the service told what it measured.', '# TYPE console_service_up gauge'],
    samples: up,
  })
  return `${[...families.values()].map(({ head, samples }) => [...head, ...samples].join('\n')).join('\n\n')}\n`
}
