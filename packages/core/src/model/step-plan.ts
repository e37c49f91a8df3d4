import type { ResolvedHooks } from '../config/hooks.js'
import type { RequestEdit, ResponseEdit } from './edits.js'
import {
  type AnyHook,
  EMPTY_PIPELINE,
  type Pipeline,
  type Step,
  type StepPhase,
  type StepPlace
} from './pipeline.js'
import type { Route } from './route.js'

const PHASES: readonly StepPhase[] = ['onRequest', 'preHandler', 'onSend', 'onResponse']
const PLACES: readonly StepPlace[] = ['arrival', 'admitted', 'identity', 'policy', 'last']

/** The steps of one configuration, while its parts prepare it. */
export class StepPlan {
  readonly #all: Step[] = []
  readonly #byRoute = new Map<Route | null, Step[]>()
  readonly #requestEdits = new Map<Route, RequestEdit[]>()
  readonly #responseEdits = new Map<Route, ResponseEdit[]>()
  #shared: Pipeline | null = null

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

  /** Adds what changes the requests that a route sends upstream. In the order of the calls. */
  editRequests(route: Route, edit: RequestEdit): void {
    this.#requestEdits.set(route, [...(this.#requestEdits.get(route) ?? []), edit])
  }

  /** Adds what changes upstreams' responses to requests of a route. In the order of the calls. */
  editResponses(route: Route, edit: ResponseEdit): void {
    this.#responseEdits.set(route, [...(this.#responseEdits.get(route) ?? []), edit])
  }

  /** What the requests of a route go through. `admit`, the same for all routes, asks the admissions; `null` for none. */
  pipelineOf(route: Route | null, hooks: ResolvedHooks | null, admit: AnyHook | null): Pipeline {
    const steps = [...this.#all, ...(this.#byRoute.get(route) ?? [])]
    const { requestEdits, responseEdits } = this.#editsOf(route)
    if (steps.length + requestEdits.length + responseEdits.length === 0 && hooks === null)
      return this.#pipelineWithout(admit)
    const names: string[] = []
    const lists = PHASES.map((phase) => {
      const [arrival = [], admitted = [], identity = [], policy = [], last = []] = PLACES.map((place) =>
        steps.filter((step) => step.phase === phase && (step.place ?? 'policy') === place)
      )
      const features = [...admitted, ...identity, ...policy]
      const own = hooks === null ? [] : (hooks[phase] as readonly AnyHook[])
      const admission = phase === 'onRequest' && admit !== null ? [admit] : []
      if (phase === 'onSend')
        names.push(
          ...requestEdits.map(({ name }) => `request: ${name}`),
          ...responseEdits.map(({ name }) => `response: ${name}`)
        )
      names.push(
        ...arrival.map(({ name }) => `${phase}: ${name}`),
        ...admission.map(() => `${phase}: admission`),
        ...features.map(({ name }) => `${phase}: ${name}`),
        ...own.map((hook) => `${phase}: hook ${hook.name || 'without a name'}`),
        ...last.map(({ name }) => `${phase}: ${name}`)
      )
      return [...runsOf(arrival), ...admission, ...runsOf(features), ...own, ...runsOf(last)]
    })
    const [onRequest = [], preHandler = [], onSend = [], onResponse = []] = lists
    return Object.freeze({
      onRequest,
      preHandler,
      requestEdits,
      responseEdits,
      onSend,
      onResponse,
      names
    })
  }

  #editsOf(route: Route | null): Pick<Pipeline, 'requestEdits' | 'responseEdits'> {
    if (route === null) return EMPTY_PIPELINE
    return {
      requestEdits: this.#requestEdits.get(route) ?? EMPTY_PIPELINE.requestEdits,
      responseEdits: this.#responseEdits.get(route) ?? EMPTY_PIPELINE.responseEdits
    }
  }

  // Thousands of routes without steps share one.
  #pipelineWithout(admit: AnyHook | null): Pipeline {
    if (admit === null) return EMPTY_PIPELINE
    this.#shared ??= Object.freeze({
      ...EMPTY_PIPELINE,
      onRequest: [admit],
      names: ['onRequest: admission']
    })
    return this.#shared
  }
}

function runsOf(steps: readonly Step[]): AnyHook[] {
  return steps.map(({ run }) => run as AnyHook)
}
