import { execFile, execFileSync, spawnSync } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'

/** The container that stands for a machine with systemd; only where `needs.vm` holds. */
const machine = (): string => process.env.VM_CONTAINER ?? ''

/** What a program of the machine printed. @throws Error with its stderr when it ends with another status than 0 */
export function inVm(...command: readonly string[]): string {
  return execFileSync('docker', ['exec', '-i', machine(), ...command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The same, beside others. */
export async function besideInVm(...command: readonly string[]): Promise<string> {
  const told = await promisify(execFile)('docker', ['exec', '-i', machine(), ...command], { maxBuffer: 64 * 1_048_576 })
  return told.stdout
}

/** The same, with its exit status instead of an error. */
export function tryInVm(...command: readonly string[]): { readonly status: number; readonly output: string } {
  const told = spawnSync('docker', ['exec', '-i', machine(), ...command], { encoding: 'utf8' })
  return { status: told.status ?? -1, output: `${told.stdout}${told.stderr}` }
}

/** Copies a file or folder of this machine into it. */
export function copyToVm(from: string, to: string): void {
  execFileSync('docker', ['cp', from, `${machine()}:${to}`], { stdio: ['ignore', 'ignore', 'pipe'] })
}
