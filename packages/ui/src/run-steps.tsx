/** Four short bars: how far a run is. @param at the step it is in, from 0 */
export function RunSteps({ at, label }: { readonly at: number; readonly label: string }) {
  return (
    <div className="steps4" role="img" aria-label={label}>
      {[0, 1, 2, 3].map((step) => (
        <i key={step} className={step < at ? 'd' : step === at ? 'n' : ''} />
      ))}
    </div>
  )
}
