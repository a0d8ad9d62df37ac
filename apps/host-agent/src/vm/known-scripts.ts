/** What the scripts of the VM hash to. Made by scripts/generate.ts; a test holds it to the files. */
export const knownScripts = {
  'vm-health-check.sh': '25dc633418d3c25a0cc769fdc28f876857f0d305b951f1d242ff765398a4c7c0',
} as const
export type ScriptName = keyof typeof knownScripts
