import { type ChildProcess, spawn } from 'node:child_process'

/** Puts one thing in the place of another and back, as fast as a process can; without end. */
export const swapper = (place: string, other: string): ChildProcess =>
  spawn(
    process.execPath,
    [
      '-e',
      `const { renameSync } = require('node:fs')
      const [place, other] = process.argv.slice(1)
      for (;;) {
        renameSync(place, place + '.away'); renameSync(other, place)
        renameSync(place, other); renameSync(place + '.away', place)
      }`,
      place,
      other,
    ],
    { stdio: 'ignore' },
  )
