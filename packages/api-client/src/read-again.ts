import type { ApiError } from './client.ts'

/** Between two tries of a page to read something. */
export const readAgainMs = 500
const tries = 10

/**
 * Whether a page that could not read something tries again by itself, after so many failures. What is replaced is back within five
 * seconds: the gateway, where nothing answers at all, and docker-proxy, which devops-backend answers for. For the other parts the client
 * has waited already.
 */
export function readsAgain(failures: number, { code, status }: Pick<ApiError, 'code' | 'status'>): boolean {
  const replaced = (code === 'NETWORK' && status === 0) || code === 'DOCKER_PROXY_AWAY'
  return failures < (replaced ? tries : 1)
}

/** Asks until something answers, for as long as a page would, what the client asks once: a question that is no read by its method. */
export async function askAgain<T>(ask: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await ask()
    } catch (thrown) {
      const failure = thrown as ApiError
      if (failure.code !== 'NETWORK' || !readsAgain(failures, failure)) throw thrown
    }
    await new Promise((resolve) => setTimeout(resolve, readAgainMs))
  }
}
