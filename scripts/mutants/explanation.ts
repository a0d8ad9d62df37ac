/** Why a fault that no test notices does no harm. `was` and `became` as the result file quotes them; without `became`, whatever is put there. */
export type Explanation = { readonly file: string; readonly was: string; readonly became?: string; readonly why: string }
