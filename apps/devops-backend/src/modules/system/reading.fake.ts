import { HostReading } from '../../clients/host-reading.ts'

const stall = { avg10: 0, avg60: 0, avg300: 0, totalSec: 0 }
export const seconds = { user: 10, nice: 0, system: 5, idle: 100, iowait: 2, irq: 0, softirq: 0, steal: 0 }
/** A whole answer of host-agent, with what a test changes in it. */
export const aReading = (change: object = {}): HostReading =>
  HostReading.parse({
    at: '2026-03-01T10:00:00.000Z',
    atMs: 1_000,
    uptime: { seconds: 100 },
    cpu: { cores: 2, seconds },
    load: { one: 1, five: 1, fifteen: 1, runnable: 1, tasks: 9 },
    memory: { unknown: '/proc/meminfo: is not there' },
    limit: { by: 'machine', memoryBytes: null, memoryUsedBytes: null, cpus: null },
    pressure: { cpu: { some: stall, full: null }, memory: { unknown: 'no' }, io: { unknown: 'no' } },
    disks: { items: [], left: 0 },
    network: { items: [], left: 0 },
    temperatures: { unknown: 'this machine tells no temperature' },
    processes: { count: 1, busiest: [], largest: [], left: 0 },
    containers: { version: 2, items: [], left: 0 },
    ...change,
  })
