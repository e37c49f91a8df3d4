import type { ResolvedHooks } from '../config/hooks.js'
import type { Route } from '../model/route.js'
import type { AnyHook } from './run-hooks.js'

/** The phases of Fastify in which steps run. */
export type StepPhase = keyof ResolvedHooks

/**
 * When a step runs within its phase. `arrival`: first, before it is decided whether the request is let in. `policy`
 * (default): after that and before the user's hooks. `last`: after the user's hooks.
 */
export type StepPlace = 'arrival' | 'policy' | 'last'

/**
 * What a feature does with the requests of one route: a Fastify hook with a name. It may answer (`reply.send`) instead of
 * going on, throw or call back with a `GatewayError`, and in `onSend` return another payload.
 */
export interface Step<Phase extends StepPhase = StepPhase> {
  /** Names it in `explain()`. */
  readonly name: string
  readonly phase: Phase
  readonly place?: StepPlace
  readonly run: ResolvedHooks[Phase][number]
}

/** What a request goes through, in order: the steps of features and the user's hooks. Empty lists cost nothing. */
export interface Pipeline {
  readonly onRequest: readonly AnyHook[]
  readonly preHandler: readonly AnyHook[]
  readonly onSend: readonly AnyHook[]
  readonly onResponse: readonly AnyHook[]
  /** Their names, for people: `onRequest: rate limit`. */
  readonly names: readonly string[]
}

const PHASES: readonly StepPhase[] = ['onRequest', 'preHandler', 'onSend', 'onResponse']
const PLACES: readonly StepPlace[] = ['arrival', 'policy', 'last']

/** Nothing but the request itself. */
export const EMPTY_PIPELINE: Pipeline = Object.freeze({
  onRequest: [],
  preHandler: [],
  onSend: [],
  onResponse: [],
  names: []
})

/** The steps of one configuration, while its parts prepare it. */
export class StepPlan {
  readonly #all: Step[] = []
  readonly #byRoute = new Map<Route | null, Step[]>()

  /** Adds a step for one route; `null` for requests that no route takes. Steps of one place run in the order of the calls. */
  add<Phase extends StepPhase>(route: Route | null, step: Step<Phase>): void {
    const steps = this.#byRoute.get(route)
    if (steps === undefined) this.#byRoute.set(route, [step as Step])
    else steps.push(step as Step)
  }

  /** Adds a step for all routes and for requests that no route takes. */
  addForAll<Phase extends StepPhase>(step: Step<Phase>): void {
    this.#all.push(step as Step)
  }

  /** What the requests of a route go through. `admit` asks the admissions; `null` where there are none. */
  pipelineOf(route: Route | null, hooks: ResolvedHooks | null, admit: AnyHook | null): Pipeline {
    const steps = [...this.#all, ...(this.#byRoute.get(route) ?? [])]
    if (steps.length === 0 && hooks === null) return pipelineWithout(admit)
    const names: string[] = []
    const lists = PHASES.map((phase) => {
      const at = PLACES.map((place) =>
        steps.filter((step) => step.phase === phase && (step.place ?? 'policy') === place)
      )
      const [arrival = [], policy = [], last = []] = at
      const own = hooks === null ? [] : (hooks[phase] as readonly AnyHook[])
      const admission = phase === 'onRequest' && admit !== null ? [admit] : []
      names.push(
        ...arrival.map(({ name }) => `${phase}: ${name}`),
        ...admission.map(() => `${phase}: admission`),
        ...policy.map(({ name }) => `${phase}: ${name}`),
        ...own.map((hook) => `${phase}: hook ${hook.name || 'without a name'}`),
        ...last.map(({ name }) => `${phase}: ${name}`)
      )
      return [...runsOf(arrival), ...admission, ...runsOf(policy), ...own, ...runsOf(last)]
    })
    const [onRequest = [], preHandler = [], onSend = [], onResponse = []] = lists
    return Object.freeze({ onRequest, preHandler, onSend, onResponse, names })
  }
}

function runsOf(steps: readonly Step[]): AnyHook[] {
  return steps.map(({ run }) => run as AnyHook)
}

// Thousands of routes without steps share one.
const shared = new WeakMap<AnyHook, Pipeline>()

function pipelineWithout(admit: AnyHook | null): Pipeline {
  if (admit === null) return EMPTY_PIPELINE
  const known = shared.get(admit)
  if (known !== undefined) return known
  const made = Object.freeze({ ...EMPTY_PIPELINE, onRequest: [admit], names: ['onRequest: admission'] })
  shared.set(admit, made)
  return made
}
