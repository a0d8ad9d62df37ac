/** What an engine's document lists, `GET /containers/{id}/json` for each operation, in its order. */
export type EngineOperations = { readonly version: string; readonly operations: readonly string[] }

/**
 * Reads the version and the operations out of an OpenAPI 2 document in YAML. It knows no YAML beyond the two levels under `paths:`, which
 * the engine's documents write as a path with two spaces and a method with four before it.
 * @throws Error for a text in which these are not found
 */
export function operationsOf(text: string): EngineOperations {
  const version = /^basePath: "?\/v([0-9]+\.[0-9]+)"?\s*$/m.exec(text)?.[1]
  if (version === undefined) throw new Error('the document names no version as its basePath')
  const lines = text.split('\n')
  const from = lines.indexOf('paths:')
  if (from < 0) throw new Error('the document has no paths')
  const operations: string[] = []
  let path: string | null = null
  for (const line of lines.slice(from + 1)) {
    if (/^[^\s#]/.test(line)) break
    const named = /^ {2}"?(\/[^\s":]*)"?:\s*$/.exec(line)
    if (named?.[1] !== undefined) path = named[1]
    const method = /^ {4}(get|head|post|put|delete|patch|options):\s*$/.exec(line)?.[1]
    if (method !== undefined && path === null) throw new Error('a method stands before any path')
    if (method !== undefined) operations.push(`${method.toUpperCase()} ${path}`)
  }
  if (operations.length === 0) throw new Error('the document has no operation')
  return { version, operations }
}
