/** What looks like a credential in a log line. Each pattern is linear: no nested repetition. */
const patterns: readonly [RegExp, string][] = [
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/g, '[masked token]'],
  [/\b(authorization|proxy-authorization)(["']?\s*[:=]\s*["']?)(basic|bearer|digest)?\s*[A-Za-z0-9._~+/=-]{6,}/gi, '$1$2[masked]'],
  [/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, '[masked key]'],
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\\n\s]{0,8000}(-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g, '[masked private key]'],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{1,100}:)[^\s/@]{1,200}@/gi, '$1[masked]@'],
  [/\b(bl[ts]_)[A-Za-z0-9_-]{16,}/g, '$1[masked]'],
  [/\b(password|passwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)(["']?\s*[:=]\s*["']?)[^\s"',;&]{4,200}/gi, '$1$2[masked]'],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}\b/g, '[masked token]'],
]

/** Whatever any of the patterns covers holds one of these, so that most lines are looked at once and not eight times. */
const hint = /eyJ|authorization|A[KS]IA|-----BEGIN |:\/\/|bl[ts]_|passw|secret|api[_-]?key|access[_-]?token|gh[pousr]_/i

/** Covers secrets before a line is stored or shown, and counts how many. */
export function maskSecrets(text: string): { text: string; masked: number } {
  if (!hint.test(text)) return { text, masked: 0 }
  let masked = 0
  let shown = text
  for (const [pattern, cover] of patterns)
    shown = shown.replace(pattern, (...match: unknown[]) => {
      masked += 1
      return cover.replaceAll(/\$([1-9])/g, (_, group: string) => (match[Number(group)] as string | undefined) ?? '')
    })
  return { text: shown, masked }
}
