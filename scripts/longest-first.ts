import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { longest } from './longest-tests.ts'

/** Where a file lies says how long it takes, when nothing else does. */
const folders = ['tests/e2e/', 'tests/', '']

/** The runner asks for a class. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const path = relative(this.ctx.config.root, moduleId)
      const at = longest.indexOf(path)
      return at >= 0 ? at : longest.length + folders.findIndex((folder) => path.startsWith(folder))
    }
    return (await super.sort(files)).sort((a, b) => rankOf(a) - rankOf(b))
  }
}
