import { books as ofBackups } from './books-of-backups.ts'
import { books as ofTheConsole } from './books-of-the-console.ts'
import { hostAgent, books as ofTheHost } from './books-of-the-host.ts'

/** One after the other on one machine. */
export const books = [...ofTheConsole, ...ofTheHost, ...ofBackups, hostAgent] as const
export const bookNames: readonly string[] = books.map(({ name }) => name)
