import { type EditedRequest, isHost, type RequestEdit } from '@gatewright/core'
import type { RequestSettings } from './settings.js'

/** Makes what changes the requests of a route. Only what is configured is there, so that nothing else is asked for. */
export function requestEdit(name: string, { host, headers, query }: RequestSettings): RequestEdit {
  return {
    name,
    ...(headers === null
      ? {}
      : {
          headers: (fields: readonly string[], request: EditedRequest) => headers.apply(fields, request, null)
        }),
    ...(query === null
      ? {}
      : { query: (given: string, request: EditedRequest) => query.apply(given, request) }),
    ...(host === null
      ? {}
      : {
          host(request: EditedRequest): string {
            const value = host.value(request, null)
            return value !== null && isHost(value) ? value : ''
          }
        })
  }
}
