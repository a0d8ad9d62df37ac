/** A bar filled from the left in the colour of the status around it. @param ratio 0…1 */
export function ProgressBar({ ratio, label }: { readonly ratio: number; readonly label: string }) {
  return (
    <svg className="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect width={Math.min(1, Math.max(0, ratio)) * 100} height="6" />
    </svg>
  )
}
