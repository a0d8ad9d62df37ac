/** The mark of the console. */
export function Brand() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect width="20" height="20" rx="4" fill="var(--ink)" />
      <path d="M5 7v6M8.3 5v10M11.700 8v4M15 6v8" stroke="var(--on-ink)" strokeWidth="1.7" strokeLinecap="round" />
    </svg>
  )
}
