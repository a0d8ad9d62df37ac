/** What is wrong with a reason; null where nothing is. The API has the same rule. */
export const reasonTrouble = (reason: string): string | null => (reason.trim().length < 3 ? 'Give a reason of at least 3 characters' : null)
