import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { dirname } from 'node:path'

/**
 * Looks that nobody else is this daemon, before anything of it is opened: a second one would write into the journal of the first.
 * @throws Error for a link, a file, a folder that others may write, or a socket that answers
 */
export async function assertSocketFree(path: string): Promise<void> {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o750 })
  const info = lstatSync(folder)
  if (!info.isDirectory()) throw new Error(`${folder} must be a folder, not a link`)
  if ((info.mode & 0o022) !== 0)
    throw new Error(`${folder} can be written by others, who could put a socket of theirs there. Set it to 0750.`)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there && !there.isSocket()) throw new Error(`${path} is there and is no socket. Remove it.`)
  if (there && (await answers(path))) throw new Error(`${path} is served by another process already.`)
}

/** Listens on a unix socket that only owner and group may open; one that is left over from before is taken away. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => resolve())
  })
  chmodSync(path, 0o660)
}

/** Only where nobody listens it is free: one that is too busy to answer, or does not let us in, is there all the same. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code !== 'ECONNREFUSED' && code !== 'ENOENT'))
  })
}
