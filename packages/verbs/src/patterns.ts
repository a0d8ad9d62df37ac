/** A container's whole name or full id. Upper bound: names of 128 characters are legal at the engine. */
export const REF = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}$/
/** Lower-case hex SHA-256. */
export const DIGEST = /^[a-f0-9]{64}$/
/** An identifier that we made or that names a file's row: never a path. */
export const ID = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$/
/**
 * A model as Ollama names it: `[[host/]namespace/]model[:tag]`, a host only before a namespace, at most 200 characters in all. No part begins with
 * a dot, so that none is a path.
 */
export const MODEL =
  /^(?=.{1,200}$)(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,100}[a-zA-Z0-9])?(?::[0-9]{1,5})?\/)?[a-zA-Z0-9_][a-zA-Z0-9_-]{0,79}\/)?[a-zA-Z0-9_][a-zA-Z0-9._-]{0,79}(?::[a-zA-Z0-9_][a-zA-Z0-9._-]{0,79})?$/
/** A variable of a script. */
export const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/
/**
 * Names that change what a program loads or runs, or by which the agent tells a run, so no script may declare them and no call may set them.
 * Compared in upper case, so that no spelling slips through on the way to a case-blind program.
 */
export const FORBIDDEN_VARIABLE =
  /^(PATH|IFS|ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|CDPATH|GLOBIGNORE|HOME|USER|LOGNAME|SHELL|LANG|GCONV_PATH|GLIBC_TUNABLES|SERVICE_ID|RUN_ID|(PYTHON|PERL|RUBY).*|(BASH|LD|DYLD|NODE|GIT|SSH|DOCKER|BYTELYST)(_.*)?)$/
