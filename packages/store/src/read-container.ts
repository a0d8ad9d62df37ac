import { askPatiently } from './cosmos-attempts.ts'
import { type CosmosAccount, clientOf, usualPatience } from './cosmos-client.ts'
import { StoreError } from './port.ts'

/** Where documents lie that this product did not write. */
export type OtherContainer = CosmosAccount & { readonly database: string; readonly container: string }

/**
 * Every document of a container as it is there, whatever its shape and partitions; nothing is written, and a container that is missing is not made.
 * @throws StoreError
 */
export async function* readContainer({
  database,
  container,
  ...access
}: OtherContainer): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const client = await clientOf(access)
  try {
    const { items } = client.database(database).container(container)
    let continuationToken: string | undefined
    do {
      const more = { maxItemCount: 200, ...(continuationToken && { continuationToken }) }
      const page = await askPatiently(usualPatience, () => items.readAll<Record<string, unknown>>(more).fetchNext())
      yield* page.resources ?? []
      continuationToken = page.continuationToken
    } while (continuationToken)
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'NotFound' || /container .* is gone/.test(error.message)))
      throw new StoreError('NotFound', `there is no container ${container} in the database ${database}`, { cause: error })
    throw error
  } finally {
    client.dispose()
  }
}
