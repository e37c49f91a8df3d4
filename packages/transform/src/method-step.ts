import type { Exchange, Step } from '@gatewright/core'

/** The step that sets the method for upstreams, by the client's or, under `*`, for all. */
export function methodStep(name: string, methods: ReadonlyMap<string, string>): Step<'onRequest'> {
  return {
    name,
    phase: 'onRequest',
    run: function mapMethod({ exchange }, _reply, done) {
      const { method } = exchange as Exchange
      const to = methods.get(method) ?? methods.get('*')
      if (to !== undefined) (exchange as Exchange).upstreamMethod = to
      done()
    }
  }
}
