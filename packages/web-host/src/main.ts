import process from 'node:process'
import { readConfig } from './config.ts'
import { createWebHost } from './web-host.ts'

let name = 'web-host'

function log(level: 'info' | 'warn' | 'error', msg: string, more: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, name, msg, ...more })}\n`)
}

try {
  const { name: configured, dir, previous, port, addresses, hosts, worker, settings, warnings } = readConfig()
  name = configured
  for (const warning of warnings) log('warn', warning)
  const web = await createWebHost({
    dir,
    settings,
    port,
    hosts,
    worker,
    ...(addresses && { addresses }),
    ...(previous !== undefined && { previous }),
  })
  for (const warning of web.warnings) log('warn', warning)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log('info', 'ending', { signal })
      void web.close().then(() => process.exit(0))
    })
  }
  log('info', 'ready', { addresses: web.addresses })
} catch (error) {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  log('error', code === 'EADDRINUSE' ? `Port ${port} is taken by another program. End it or set PORT.` : message, { code })
  process.exitCode = 1
}
