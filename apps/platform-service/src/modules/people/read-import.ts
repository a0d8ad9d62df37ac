import { type ImportFormat, ImportRow, importLimits } from '@console/contracts/people/exchange'
import { AppError } from '@console/http-kit/problem'
import { CsvError, parse } from 'csv-parse/sync'
import { exportColumns } from './export-people.ts'
import { membershipsOf } from './membership-text.ts'

/** A row as it was read: what it says of a person, or the rule that it breaks. `email` and `name` are as they were written. */
export type ReadRow = { readonly row: number; readonly email: string; readonly name: string } & (
  | { readonly wish: ImportRow }
  | { readonly rule: string; readonly detail: string }
)
type Fields = Readonly<Record<string, unknown>>
const taken = ['email', 'name', 'memberships'] as const
const known: readonly string[] = exportColumns
const shownLength = 254

/** Every row of a file, each judged by itself. @throws AppError IMPORT_UNREADABLE, IMPORT_TOO_LARGE */
export function readImport(format: ImportFormat, text: string): ReadRow[] {
  const rows = format === 'csv' ? rowsOfTable(text) : rowsOfJson(text)
  if (rows.length === 0) throw unreadable('The file has no rows.')
  if (rows.length > importLimits.rows)
    throw new AppError(
      'IMPORT_TOO_LARGE',
      413,
      `The file has ${rows.length} rows, and one import takes ${importLimits.rows}. Send it in parts; a repeated row does nothing twice.`,
    )
  const seen = new Set<string>()
  return rows.map((fields, at) => {
    const read = readRow(fields, at + 1)
    if (!('wish' in read)) return read
    const { email } = read.wish
    if (seen.has(email)) return refused(read, 'DUPLICATE_ROW', 'An earlier row has this e-mail.')
    seen.add(email)
    return read
  })
}

function readRow(fields: Fields, row: number): ReadRow {
  const shown = { row, email: shownOf(fields.email), name: shownOf(fields.name) }
  const stray = Object.keys(fields).find((name) => !known.includes(name))
  if (stray !== undefined) return refused(shown, 'UNKNOWN_FIELD', strayText(stray))
  const { email, name, memberships } = fields
  const { success, data, error } = ImportRow.safeParse({ email, name: name === undefined || name === '' ? null : name, memberships })
  if (success) {
    const products = data.memberships.map(({ productId }) => productId)
    if (new Set(products).size === products.length) return { ...shown, wish: data }
    return refused(shown, 'DUPLICATE_PRODUCT', 'memberships: names a product twice.')
  }
  const [issue] = error.issues
  return refused(shown, 'INPUT_INVALID', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

function rowsOfTable(text: string): Fields[] {
  const [head = ''] = text.split('\n', 1)
  try {
    return parse(text, {
      bom: true,
      trim: true,
      skip_empty_lines: true,
      // Spreadsheets of some countries part cells by semicolons.
      delimiter: head.includes(';') && !head.includes(',') ? ';' : ',',
      columns: (names: string[]) => namesOf(names),
      cast: (cell, { header, column }) => {
        if (header) return cell
        const plain = cell.replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '')
        return column === 'memberships' ? membershipsOf(plain) : plain
      },
    }) as Fields[]
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(error.message)
    throw error
  }
}

function namesOf(names: readonly string[]): string[] {
  const found = names.map((name) => known.find((one) => one.toLowerCase() === name.toLowerCase()) ?? name)
  const stray = found.find((name) => !known.includes(name))
  if (stray !== undefined) throw unreadable(strayText(stray))
  const missing = taken.find((name) => name !== 'name' && !found.includes(name))
  if (missing !== undefined) throw unreadable(`The first line names the columns, and ${missing} is missing.`)
  if (new Set(found).size !== found.length) throw unreadable('The first line names a column twice.')
  return found
}

function rowsOfJson(text: string): Fields[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : 'It is no JSON.')
  }
  if (!Array.isArray(value)) throw unreadable('It is no list of people.')
  return value.map((one: unknown) => (typeof one === 'object' && one !== null && !Array.isArray(one) ? { ...one } : {}))
}

function strayText(name: string): string {
  const told = name.slice(0, 60)
  if (/passw|hash|secret|seed/i.test(name))
    return `${told}: passwords and factors are never imported. Take the column out; people choose their own by a link.`
  return `${told}: is none of ${known.join(', ')}.`
}

function refused(
  { row, email, name }: { readonly row: number; readonly email: string; readonly name: string },
  rule: string,
  detail: string,
): ReadRow {
  return { row, email, name, rule, detail }
}

function shownOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().slice(0, shownLength) : ''
}

function unreadable(why: string): AppError {
  return new AppError('IMPORT_UNREADABLE', 400, `The file was not read, and nothing was done. ${why}`)
}
