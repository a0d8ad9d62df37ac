import { z } from 'zod'

/** One field that is not as the rule says. */
export const FieldProblem = z.strictObject({ field: z.string(), rule: z.string(), message: z.string() })

/** RFC 9457, `application/problem+json`. `details` is declared by the code in `errors.ts`. */
export const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.array(FieldProblem).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type Problem = z.infer<typeof Problem>
