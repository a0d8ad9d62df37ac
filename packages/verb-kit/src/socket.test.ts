import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { connect, createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertSocketFree, listenOnSocket } from './socket.ts'

let base: string
let folder: string
let path: string
const open: { close(done: () => void): unknown }[] = []
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'socket-'))
  folder = join(base, 'run')
  path = join(folder, 'daemon.sock')
})
afterEach(async () => {
  for (const server of open.splice(0)) await new Promise<void>((resolve) => void server.close(resolve))
  rmSync(base, { recursive: true, force: true })
})
const server = (): Server => {
  const made = createServer((_request, response) => void response.end('here'))
  open.push(made)
  return made
}
const modeOf = (of: string): number => statSync(of).mode & 0o777
const free = (): Promise<void> => assertSocketFree(path)

/** A socket whose process ended without taking it away. */
async function leaveBehind(): Promise<void> {
  mkdirSync(folder, { mode: 0o750 })
  const gone = createNetServer()
  const aside = join(folder, 'aside')
  await new Promise<void>((resolve) => void gone.listen(aside, resolve))
  // Under its new name it is not the one that closing removes.
  renameSync(aside, path)
  await new Promise((resolve) => void gone.close(resolve))
}
const connects = (then = (socket: Socket): unknown => socket.destroy()): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      then(socket)
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

describe('the place of a socket', () => {
  it('is made, with all folders before it, for the owner and to be entered by the group', async () => {
    const mask = process.umask(0)
    try {
      path = join(folder, 'deeper', 'daemon.sock')
      await free()
      expect([modeOf(folder), modeOf(join(folder, 'deeper'))]).toEqual([0o750, 0o750])
    } finally {
      process.umask(mask)
    }
    expect(existsSync(path)).toBe(false)
  })

  it.each([0o770, 0o720, 0o752, 0o777, 0o1777])('is refused where others than the owner may write: %o', async (mode) => {
    mkdirSync(folder)
    chmodSync(folder, mode)
    await expect(free()).rejects.toThrow(`${folder} can be written by others, who could put a socket of theirs there. Set it to 0750.`)
    chmodSync(folder, 0o755)
    await expect(free()).resolves.toBeUndefined()
  })

  it('is refused behind a link, however good the folder that it leads to', async () => {
    mkdirSync(`${folder}-there`, { mode: 0o750 })
    symlinkSync(`${folder}-there`, folder)
    await expect(free()).rejects.toThrow(`${folder} must be a folder, not a link`)
  })

  it('is refused where a file, a folder or a link stands, and what stands there stays', async () => {
    mkdirSync(folder, { mode: 0o750 })
    const there = server()
    const other = join(folder, 'other.sock')
    await listenOnSocket(there, other)
    for (const put of [
      () => writeFileSync(path, 'kept'),
      () => mkdirSync(path),
      () => symlinkSync('nowhere', path),
      () => symlinkSync(other, path),
    ]) {
      put()
      await expect(free()).rejects.toThrow(`${path} is there and is no socket. Remove it.`)
      rmSync(path, { recursive: true })
    }
  })

  it('is refused while somebody answers there, and that one goes on', async () => {
    mkdirSync(folder, { mode: 0o750 })
    await listenOnSocket(server(), path)
    await expect(free()).rejects.toThrow(`${path} is served by another process already.`)
    expect(await connects()).toBe(true)
  })

  it('is refused while somebody listens there who does not come to answering', async () => {
    mkdirSync(folder, { mode: 0o750 })
    const busy = new Worker(
      `const { workerData: { path, held }, parentPort } = require('node:worker_threads')
       require('node:net').createServer().listen({ path, backlog: 1 }, () => { parentPort.postMessage('there'); Atomics.wait(held, 0, 0) })`,
      { eval: true, workerData: { path, held: new Int32Array(new SharedArrayBuffer(4)) } },
    )
    const waiting: Socket[] = []
    try {
      await new Promise((resolve) => void busy.once('message', resolve))
      // As many as wait at once; the next one is told to come again.
      while (await connects((socket) => waiting.push(socket))) expect(waiting.length).toBeLessThan(100)
      await expect(free()).rejects.toThrow(`${path} is served by another process already.`)
    } finally {
      for (const socket of waiting) socket.destroy()
      await busy.terminate()
    }
  })

  it('is free where nobody answers any more', async () => {
    await leaveBehind()
    expect(statSync(path).isSocket()).toBe(true)
    await expect(free()).resolves.toBeUndefined()
    expect(existsSync(path)).toBe(true)
  })
})

describe('listening on a socket', () => {
  it('is for owner and group alone, whatever the process leaves open', async () => {
    mkdirSync(folder, { mode: 0o750 })
    for (const umask of [0, 0o077]) {
      const mask = process.umask(umask)
      try {
        const one = server()
        await listenOnSocket(one, path)
        expect(modeOf(path)).toBe(0o660)
      } finally {
        process.umask(mask)
      }
    }
  })

  it('takes the place of one that is left over', async () => {
    await leaveBehind()
    expect(await connects()).toBe(false)
    await listenOnSocket(server(), path)
    expect([await connects(), modeOf(path)]).toEqual([true, 0o660])
  })

  it('fails where it cannot listen, and says why', async () => {
    await expect(listenOnSocket(server(), path)).rejects.toThrow(/EACCES|ENOENT/)
  })
})
