import process from 'node:process'

const { COSMOS_TEST_ENDPOINT = '', COSMOS_TEST_KEY = '' } = process.env

/** A real account whose databases may be made and removed; empty where none is named. It is never the one that a console keeps its documents in. */
export const cosmosAccount = { endpoint: COSMOS_TEST_ENDPOINT, key: COSMOS_TEST_KEY }

/** @returns why there is none, or undefined */
export function whyNoCosmosAccount(): string | undefined {
  return COSMOS_TEST_ENDPOINT === '' || COSMOS_TEST_KEY === '' ? 'COSMOS_TEST_ENDPOINT and COSMOS_TEST_KEY name no account' : undefined
}
