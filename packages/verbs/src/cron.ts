import { defineVerb } from './verb.ts'

export const listSchedules = defineVerb({
  id: 'cron.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: false,
  args: {},
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  runs:
    'reads /etc/crontab, /etc/cron.d, the folders of run-parts, the crontabs of all accounts and what run-logged.sh recorded, through no link, secrets covered; ' +
    '/usr/bin/systemctl list-units and show for timers and what they start, of the system and, as each account that lingers, of its own manager',
})

export const listUnits = defineVerb({
  id: 'units.list',
  daemon: 'host-agent',
  risk: 'read',
  role: 'operator',
  service: false,
  args: {},
  limits: [{ per: 'actor', max: 60, windowMs: 60_000 }],
  runs: '/usr/bin/systemctl list-units --state=failed and show for those and a fixed list of services, of the system and, as each account that lingers, of its own manager',
})
