import { readFileSync } from 'node:fs'

/**
 * The environment with each named secret taken from the file that `NAME_FILE` names: what stands in an environment is shown by `docker inspect`, what
 * stands in a file is not. One line end is left out; an empty file is as good as none. Puts what is wrong to the problems.
 */
export function withSecretFiles(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  problems: string[],
): Record<string, string | undefined> {
  const read = names.flatMap((name) => {
    const file = env[`${name}_FILE`] ?? ''
    if (file === '') return []
    if ((env[name] ?? '') !== '') {
      problems.push(`${name} and ${name}_FILE are both set. Remove one.`)
      return []
    }
    try {
      const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '')
      return text === '' ? [] : [[name, text] as const]
    } catch (error) {
      problems.push(`${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
      return []
    }
  })
  return { ...env, ...Object.fromEntries(read) }
}
