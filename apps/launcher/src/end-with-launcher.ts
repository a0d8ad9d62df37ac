/**
 * Loaded into a part, or into the builder of a dashboard, before its own program. Descriptor 3 is a pipe whose other end only the launcher holds: it closes when the
 * launcher is gone, also by kill -9, and the process then ends in order, as it does when it is told to.
 */
import { Socket } from 'node:net'
import { isMainThread } from 'node:worker_threads'

const patienceMs = 8_000

// Threads and forked processes of the part load this too: descriptor 3 is not theirs, and they end with the part.
if (isMainThread && process.channel === undefined) {
  const launcher = new Socket({ fd: 3 })
  launcher.on('error', () => undefined)
  launcher.once('close', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), patienceMs).unref()
  })
  launcher.resume()
  launcher.unref()
}
