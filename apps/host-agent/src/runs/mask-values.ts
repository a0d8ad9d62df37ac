const cover = '••••••'
const shortest = 4

/** Covers given secret values in text; those under 4 characters would cover half of everything and are left. */
export type ValueMask = {
  cover(text: string): string
  /** How many characters at the end of an unfinished line may be the beginning of a secret, and so wait for more. */
  heldBack(text: string): number
}

export function createValueMask(values: readonly string[]): ValueMask {
  const secrets = [...new Set(values.flatMap((value) => [value, ...value.split('\n')]))]
    .filter((value) => value.length >= shortest)
    .sort((a, b) => b.length - a.length)
  return {
    cover: (text) => secrets.reduce((masked, secret) => masked.replaceAll(secret, cover), text),
    heldBack(text) {
      let most = 0
      for (const secret of secrets)
        for (let length = Math.min(secret.length - 1, text.length); length > most; length -= 1)
          if (secret.startsWith(text.slice(text.length - length))) most = length
      return most
    },
  }
}
