import { expect, it } from 'vitest'
import { files, textOf } from '../source-files.ts'
import { groups } from './catalogue.ts'
import { pastReports } from './past-cves.ts'

const numbers = new Set(Object.entries(groups).flatMap(([letter, group]) => group.numbers.map((number) => `${letter}${number}`)))
const tests = files.filter((path) => /\.(test|conformance)\.ts$/.test(path) && !path.endsWith('past-cves.test.ts')).map(textOf)

it('maps at least forty numbered reports, each once', () => {
  const ids = pastReports.map(({ id }) => id)
  expect(ids.filter((id) => /^(CVE-\d{4}-\d+|GHSA(-[a-z0-9]{4}){3})$/.test(id)).length).toBeGreaterThanOrEqual(40)
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
})

it('names only cases that the catalogue has and that a test tries', () => {
  const named = [...new Set(pastReports.flatMap(({ cases }) => cases))]
  expect(named.filter((id) => !numbers.has(id))).toEqual([])
  expect(named.filter((id) => !tests.some((text) => text.includes(`'${id}',`)))).toEqual([])
  expect(pastReports.filter(({ cases, lesson }) => cases.length === 0 || lesson.length < 20)).toEqual([])
})
