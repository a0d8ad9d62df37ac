import { spawn } from 'node:child_process'

/** Which of some texts stand anywhere in the layers or the configuration of images. The archive of a whole image passes by; none of it is kept. */
export async function secretsFoundIn(images: readonly string[], secrets: readonly string[]): Promise<string[]> {
  const longest = Math.max(...secrets.map((secret) => Buffer.byteLength(secret)))
  const wanted = secrets.map((secret) => ({ secret, bytes: Buffer.from(secret) }))
  const found = new Set<string>()
  const saving = spawn('docker', ['save', ...images], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = new Promise<number | null>((resolve) => saving.once('close', resolve))
  // What lies across two pieces is found by the end of the one before.
  let rest = Buffer.alloc(0)
  for await (const piece of saving.stdout) {
    const bytes = Buffer.concat([rest, piece as Buffer])
    for (const { secret, bytes: sought } of wanted) if (bytes.includes(sought)) found.add(secret)
    rest = bytes.subarray(Math.max(0, bytes.length - longest))
  }
  if ((await closed) !== 0) throw new Error('the images could not be read')
  return [...found]
}
