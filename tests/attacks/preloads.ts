/** Code that a real program loads before its own, by NODE_OPTIONS: what no outside hand can do to it at the right moment. */
const preload = (code: string): { NODE_OPTIONS: string } => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` })

/** The program dies, as by a lost power supply, when it is about to write an approval: its confirmation is burnt by then. */
export const diesBeforeApproval = preload(`
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const open = fs.openSync
  fs.openSync = (path, flags, mode) => {
    if (flags === 'w' && String(path).includes('/scripts.d/')) process.kill(process.pid, 'SIGKILL')
    return open(path, flags, mode)
  }
  syncBuiltinESMExports()`)

/** Nothing becomes durable as long as this file is there. */
export const diskFailsWhile = (file: string) =>
  preload(`
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const sync = fs.fdatasync
  fs.fdatasync = (fd, done) =>
    fs.existsSync(${JSON.stringify(file)}) ? done(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })) : sync(fd, done)
  syncBuiltinESMExports()`)

/** The clock stands as many milliseconds off as this file says. */
export const clockFrom = (file: string) =>
  preload(`
  import { readFileSync } from 'node:fs'
  const Real = Date
  const off = () => { try { return Number(readFileSync(${JSON.stringify(file)}, 'utf8')) } catch { return 0 } }
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length === 0) super(Real.now() + off()); else super(...given) }
    static now() { return Real.now() + off() }
  }`)

/** No file of a path that holds `below`, the audit log's own apart, can be written as long as `file` is there: the disk is full. */
export const diskFullWhile = (file: string, below: string) =>
  preload(`
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const open = fs.openSync
  fs.openSync = (path, flags = 'r', mode) => {
    const full = /^[wa]/.test(String(flags)) && String(path).includes(${JSON.stringify(below)}) && !String(path).includes('/audit/')
    if (full && fs.existsSync(${JSON.stringify(file)}))
      throw Object.assign(new Error('ENOSPC: no space left on device, open'), { code: 'ENOSPC', errno: -28, syscall: 'open', path })
    return open(path, flags, mode)
  }
  syncBuiltinESMExports()`)
