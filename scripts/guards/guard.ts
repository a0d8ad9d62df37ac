/** One check of the product, how it is taken away, and the tests that must turn red then. `was` stands once in the file. */
export type Guard = { readonly file: string; readonly was: string; readonly becomes: string; readonly tests: readonly string[] }
