import type { ChildSpec } from './run-child.ts'

export const unitOf = (runId: string): string => `bytelyst-${runId}.service`

/** What `systemd-run` is told of the transient unit of a run, before the program of it. */
export function unitOptions(
  { runId, check, graceMs, timeoutSec }: Pick<ChildSpec, 'runId' | 'check' | 'graceMs' | 'timeoutSec'>,
  environment: Readonly<Record<string, string>>,
): string[] {
  return [
    `--unit=${unitOf(runId)}`,
    '--collect',
    '--quiet',
    '--pipe',
    '--service-type=exec',
    '--property=KillMode=control-group',
    '--property=SendSIGKILL=yes',
    ...(check === null ? ['--property=TasksMax=4096'] : checkLimits(check.memoryMb)),
    `--property=TimeoutStopSec=${Math.ceil(graceMs / 1_000)}`,
    `--property=RuntimeMaxSec=${timeoutSec + 60}`,
    ...Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`),
  ]
}

/** What checks of code may take of the machine together, the wrapper included. */
const checkLimits = (memoryMb: number): string[] => [
  '--property=TasksMax=1024',
  `--property=MemoryMax=${memoryMb}M`,
  '--property=MemorySwapMax=0',
  '--property=CPUWeight=50',
  // What is over its memory ends, and not the unit: the wrapper goes on with the next check, and says so.
  '--property=OOMPolicy=continue',
  '--property=OOMScoreAdjust=-800',
]
