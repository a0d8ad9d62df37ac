import { Worker } from 'node:worker_threads'

export type ScoreQuestion = { readonly id: number; readonly text: string; readonly words: readonly string[] }
type Score = { readonly score: number; readonly warning: string | null; readonly suggestions: readonly string[] }
export type ScoreAnswer = Score & { readonly id: number }
export type PasswordScorer = {
  /** 0 (guessed at once) to 4, as zxcvbn counts. @param words what belongs to the person or to this place */
  score(text: string, words: readonly string[]): Promise<Score>
  close(): Promise<void>
}

const idleMs = 30_000

/**
 * Scores passwords on a thread of its own, which is started when one is chosen and ends when none was for half a minute: the dictionaries take
 * 70 MB, and a text made to be slow takes a third of a second.
 */
export function createPasswordScorer(): PasswordScorer {
  const waiting = new Map<number, { resolve: (score: Score) => void; reject: (error: Error) => void }>()
  let worker: Worker | undefined
  let idle: NodeJS.Timeout | undefined
  let last = 0

  const end = async () => {
    clearTimeout(idle)
    const ended = worker
    worker = undefined
    await ended?.terminate()
  }
  const start = (): Worker => {
    const started = new Worker(new URL('./score-password.ts', import.meta.url))
    started.unref()
    started.on('message', ({ id, ...score }: ScoreAnswer) => {
      waiting.get(id)?.resolve(score)
      waiting.delete(id)
      if (waiting.size > 0) return
      idle = setTimeout(() => void end(), idleMs)
      idle.unref()
    })
    const fail = (error: Error) => {
      if (worker === started) worker = undefined
      for (const { reject } of waiting.values()) reject(error)
      waiting.clear()
    }
    started.once('error', fail)
    started.once('exit', () => fail(new Error('the password scorer ended')))
    return started
  }
  return {
    score: (text, words) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        worker ??= start()
        last += 1
        waiting.set(last, { resolve, reject })
        worker.postMessage({ id: last, text, words } satisfies ScoreQuestion)
      }),
    close: end,
  }
}
