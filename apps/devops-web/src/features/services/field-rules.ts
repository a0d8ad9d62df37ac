export type Problem = { readonly field: string; readonly label: string; readonly rule: string }

const labels: Record<string, string> = {
  name: 'Name',
  description: 'Description',
  environment: 'Environment',
  tags: 'Tags',
  owner: 'Owner',
  url: 'Address',
  repository: 'Repository',
  project: 'Project',
  containerNames: 'Names',
  verifyWindowSec: 'Checks pass within, s',
  scriptId: 'Script',
}
const checkLabels: Record<string, string> = {
  url: 'Target',
  expectStatus: 'Expects status',
  expectBody: 'Text in the body',
  host: 'Host',
  port: 'Port',
  container: 'Container',
  intervalSec: 'Interval, s',
  timeoutMs: 'Timeout, ms',
  downAfter: 'Down after misses',
  upAfter: 'Up after hits',
}
const rules: Record<string, string> = {
  name: 'lower case, digits and dashes, 1 to 63, not beginning or ending with a dash',
  description: 'at most 500 characters',
  owner: 'at most 120 characters',
  tags: 'at most 20 tags of 1 to 40 characters',
  url: 'an address that begins with http:// or https://, or nothing',
  repository: 'an address that begins with http:// or https://, or nothing',
  project: 'the name of a compose project',
  containerNames: 'whole names of containers, separated by commas',
  verifyWindowSec: 'a whole number from 5 to 3,600',
}
const checkRules: Record<string, string> = {
  url: 'an address that begins with http:// or https://',
  expectStatus: '200, 2xx, or a list such as 200,204',
  host: 'a host name or an address',
  port: 'a whole number from 1 to 65,535',
  container: 'one of the containers on this host',
  intervalSec: 'a whole number from 5 to 3,600',
  timeoutMs: 'a whole number from 100 to 30,000',
  downAfter: 'a whole number from 1 to 20',
  upAfter: 'a whole number from 1 to 20',
}

/** Names a field as the form does, and the rule that it breaks. @param path as the API and the schema give it: `checks.0.url`, `body.name` */
export function problemAt(path: string, message: string, draft: { readonly containersBy: string }): Problem {
  const parts = path.replace(/^body\./, '').split('.')
  const [first = '', second = '', third = ''] = parts
  if (first === 'checks' && third !== '')
    return {
      field: `checks.${second}.${third}`,
      label: `Check ${Number(second) + 1}, ${checkLabels[third] ?? third}`,
      rule: checkRules[third] ?? message,
    }
  if (first === 'containers') {
    const field = draft.containersBy === 'project' ? 'project' : 'containerNames'
    return { field, label: labels[field] ?? field, rule: rules[field] ?? message }
  }
  return { field: first, label: labels[first] ?? first, rule: rules[first] ?? message }
}
