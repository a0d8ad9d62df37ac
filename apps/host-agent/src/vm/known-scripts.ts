/** What the scripts of the VM hash to. Made by scripts/generate.ts; a test holds it to the files. */
export const knownScripts = {
  'docker-watchdog.sh': '12ad20db6b38514ea93aae694cd4755463a8eb374595fcc8264ff98180c5624d',
  'vm-cleanup.sh': '0b40adcfee543ed6a2bd1a2447ebcd3b6d5a841ee52a54b1dcd34434cc393c1f',
  'vm-health-check.sh': 'd87ee96c106a49c76b6806fce7a23a9fd504095718ffaba2e933444fafe2cfd7',
} as const
export type ScriptName = keyof typeof knownScripts
