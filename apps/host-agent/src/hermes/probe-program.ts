import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'probe')
const made = new Map<string, string>()

/**
 * The probe as one plain script. Node reads it from its standard input: taking the types away in each run would cost as much again as the look
 * itself, and so the account that looks need not be able to read this project. @throws Error where a file cannot be joined so
 */
export function probeProgram(entry: 'probe-home.ts' | 'probe-memory.ts' = 'probe-home.ts'): string {
  const program = made.get(entry) ?? programOf(entry)
  made.set(entry, program)
  return program
}

function programOf(entry: string): string {
  const parts: string[] = []
  const known = new Set<string>()
  const add = (file: string): void => {
    if (known.has(file)) return
    known.add(file)
    const text = stripTypeScriptTypes(readFileSync(join(folder, file), 'utf8'))
    const names = [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name)
    const plain = text
      .replaceAll(/^import \{([^}]*)\} from '([^']+)'$/gm, (_, imported: string, from: string) => {
        if (from.startsWith('./')) add(from.slice(2))
        return `const {${imported}} = ${from.startsWith('./') ? nameOf(from.slice(2)) : `require('${from}')`}`
      })
      .replaceAll(/^export (?=function |const |class )/gm, '')
    if (/^\s*(import|export)\b/m.test(plain)) throw new Error(`${file} holds an import or export that cannot be taken away`)
    parts.push(`const ${nameOf(file)} = (() => {\n${plain}\nreturn { ${names.join(', ')} }\n})()\n`)
  }
  add(entry)
  return `'use strict'\n${parts.join('')}`
}

function nameOf(file: string): string {
  return file.replaceAll(/[^a-z]/g, '_')
}
