const cover = '••••••'
const shortest = 4

/** Covers given secret values in text; those under 4 characters would cover half of everything and are left. */
export type ValueMask = {
  cover(text: string): string
  /** How many characters at the end of an unfinished line may be the beginning of a secret, and so wait for more. */
  heldBack(text: string): number
}

export function createValueMask(values: readonly string[]): ValueMask {
  const secrets = [...new Set(values.flatMap((value) => [value, ...value.split(/\r?\n/)]))]
    .filter((value) => value.length >= shortest)
    .sort((a, b) => b.length - a.length)
  return {
    cover: (text) => coverAll(text, secrets),
    heldBack(text) {
      let most = 0
      for (const secret of secrets)
        for (let length = Math.min(secret.length - 1, text.length); length > most; length -= 1)
          if (secret.startsWith(text.slice(text.length - length))) most = length
      return most
    },
  }
}

/** Covers every place where a secret stands, overlapping ones as one. */
function coverAll(text: string, secrets: readonly string[]): string {
  const places = secrets.flatMap((secret) => [...placesOf(text, secret)]).sort((a, b) => a.from - b.from)
  let shown = ''
  let at = 0
  for (let index = 0; index < places.length; index += 1) {
    const { from } = places[index] ?? { from: 0 }
    let { to } = places[index] ?? { to: 0 }
    while ((places[index + 1]?.from ?? Number.POSITIVE_INFINITY) < to) {
      index += 1
      to = Math.max(to, places[index]?.to ?? 0)
    }
    shown += text.slice(at, from) + cover
    at = to
  }
  return shown + text.slice(at)
}

function* placesOf(text: string, secret: string): Iterable<{ from: number; to: number }> {
  for (let from = text.indexOf(secret); from >= 0; from = text.indexOf(secret, from + 1)) yield { from, to: from + secret.length }
}
