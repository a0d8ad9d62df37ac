import { z } from 'zod'
import { Digest, Instant } from '../shapes.ts'

/** A script of the VM as it ran: what its bytes hash to. */
export const VmScript = z.strictObject({ name: z.string(), sha256: Digest })

export const CheckStatus = z.enum(['ok', 'warn', 'fail', 'unknown'])
export type CheckStatus = z.infer<typeof CheckStatus>
/** One thing that was looked at. `advice` says what to do about it, and is empty where there is nothing to say. */
export const VmCheck = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  status: CheckStatus,
  measured: z.string(),
  wanted: z.string(),
  advice: z.string(),
  /** Since when it has come out so, as far as somebody looked. */
  since: Instant,
})
export type VmCheck = z.infer<typeof VmCheck>

/** How the machine is, as its own script found it. */
export const VmHealth = z.strictObject({
  script: VmScript,
  checkedAt: Instant,
  tookMs: z.int().min(0),
  host: z.strictObject({
    name: z.string(),
    system: z.string(),
    kernel: z.string(),
    uptimeSec: z.int().min(0),
    processors: z.int().min(0),
  }),
  checks: z.array(VmCheck),
})
export type VmHealth = z.infer<typeof VmHealth>

/** The end of one of the three logs of the VM, oldest line first. `missing` where nothing wrote it yet, `refused` with the reason where it is not read. */
export const VmLog = z.strictObject({
  log: z.enum(['cleanup', 'health-check', 'watchdog']),
  path: z.string(),
  state: z.enum(['there', 'missing', 'refused']),
  reason: z.string().nullable(),
  sizeBytes: z.int().min(0),
  changedAt: Instant.nullable(),
  lines: z.array(z.strictObject({ text: z.string(), masked: z.int().min(0), cut: z.boolean() })),
  more: z.boolean(),
})
export type VmLog = z.infer<typeof VmLog>
