import type { ServiceFigures } from '@console/contracts/apm/schemas'
import type { Context } from '@console/http-kit/context'
import type { Measure } from '@console/http-kit/measure'
import { AppError } from '@console/http-kit/problem'

/** Who asks for them makes the lag count anew, so that only one may: devops-backend, which shows them. */
export async function figuresOf(measure: Measure, ctx: Context): Promise<ServiceFigures> {
  assertReader(ctx)
  return measure.figures()
}

export async function metricsOf(measure: Measure, ctx: Context): Promise<{ text: string }> {
  assertReader(ctx)
  return { text: await measure.text() }
}

function assertReader({ actor }: Context): void {
  if (actor.name !== 'devops-backend') throw new AppError('AUTH_FORBIDDEN', 403, 'Only devops-backend reads what platform-service counts.')
}
