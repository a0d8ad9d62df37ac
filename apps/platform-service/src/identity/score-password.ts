import { parentPort } from 'node:worker_threads'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import * as common from '@zxcvbn-ts/language-common'
import * as en from '@zxcvbn-ts/language-en'
import type { ScoreAnswer, ScoreQuestion } from './password-scorer.ts'

const scorer = new ZxcvbnFactory({
  dictionary: { ...common.dictionary, ...en.dictionary },
  graphs: common.adjacencyGraphs,
  translations: en.translations,
})

parentPort?.on('message', ({ id, text, words }: ScoreQuestion) => {
  const { score, feedback } = scorer.check(text, [...words])
  const answer: ScoreAnswer = { id, score, warning: feedback.warning, suggestions: feedback.suggestions }
  parentPort?.postMessage(answer)
})
