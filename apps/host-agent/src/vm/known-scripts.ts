/** What the scripts of the VM hash to. Made by scripts/generate.ts; a test holds it to the files. */
export const knownScripts = {
  'docker-watchdog.sh': '12ad20db6b38514ea93aae694cd4755463a8eb374595fcc8264ff98180c5624d',
  'vm-cleanup.sh': '0b40adcfee543ed6a2bd1a2447ebcd3b6d5a841ee52a54b1dcd34434cc393c1f',
  'vm-health-check.sh': '45a740be9b75dcd8d82f6dd4b68c902f6df55b1d259d0f07c21ef59e6668676a',
} as const
export type ScriptName = keyof typeof knownScripts
