/** Two letters for a person: of the first and the last word of their name. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...(words[0] ?? '')].slice(0, 2)
  return letters.join('').toUpperCase()
}

/** Initials in a circle; the name stands beside it, so it is hidden from readers. */
export function Avatar({ name, small = false }: { readonly name: string; readonly small?: boolean }) {
  return (
    <span className={`avatar ${small ? 's' : ''}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  )
}
