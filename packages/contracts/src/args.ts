import { DIGEST, FORBIDDEN_VARIABLE, ID, MODEL, REF, VARIABLE } from '@console/verbs/patterns'
import type { Arg, ValueOf } from '@console/verbs/verb'
import { z } from 'zod'

/** The Zod schema of a verb's argument: the action's input and the daemon's check come from one row. */
export function zodOf<const A extends Arg>(arg: A): z.ZodType<ValueOf<A>> {
  return schemaOf(arg) as unknown as z.ZodType<ValueOf<A>>
}

/** An integer in a query string: digits only, so that `1e3`, ` 1` and `0x10` are refused. */
export const queryInt = (min: number, max: number) =>
  z
    .string()
    .regex(/^(0|[1-9][0-9]{0,14})$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))

/** A name of a script's variable: capitals, digits, underscores, and none that changes what a program loads. */
export const VariableName = z
  .string()
  .regex(VARIABLE, 'capitals, digits and _ only')
  .refine((name) => !FORBIDDEN_VARIABLE.test(name), 'this name changes what programs load, so no script may have it')

function schemaOf(arg: Arg): z.ZodType {
  if (arg.is === 'ref') return z.string().regex(REF)
  if (arg.is === 'id') return z.string().regex(ID)
  if (arg.is === 'model') return z.string().regex(MODEL)
  if (arg.is === 'digest') return z.string().regex(DIGEST)
  if (arg.is === 'bool') return z.boolean()
  if (arg.is === 'int') return z.int().min(arg.min).max(arg.max)
  if (arg.is === 'enum') return z.enum(arg.of)
  if (arg.is === 'list') return z.array(schemaOf(arg.of)).max(arg.max)
  if (arg.is === 'values') return z.record(VariableName, z.string())
  return z.string().min(arg.min).max(arg.max)
}
