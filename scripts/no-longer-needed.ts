/** Older runbooks call these; they must not fail, and must say what replaced them. */
const name = process.argv[2] ?? 'this command'
console.log(`${name} is no longer needed: every package lives in this workspace, and \`npx pnpm@12 start\` installs what is missing.`)
