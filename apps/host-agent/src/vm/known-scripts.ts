/** What the scripts of the VM hash to. Made by scripts/generate.ts; a test holds it to the files. */
export const knownScripts = {
  'docker-watchdog.sh': '12ad20db6b38514ea93aae694cd4755463a8eb374595fcc8264ff98180c5624d',
  'vm-cleanup.sh': '0b40adcfee543ed6a2bd1a2447ebcd3b6d5a841ee52a54b1dcd34434cc393c1f',
  'vm-health-check.sh': '662a2b1971743e8dcbd7cc8471667f5e0c22fa768feeb42a14a0ebd435c45aed',
} as const
export type ScriptName = keyof typeof knownScripts
