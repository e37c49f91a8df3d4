import { type FilterServer, serveFilters } from '@gatewright/filters/server'

/** A service that decides about requests, as Open Policy Agent would: nobody deletes orders, and upstreams learn who decided. */
export function shopRules(): Promise<FilterServer> {
  return serveFilters({
    check: ({ attributes }) =>
      attributes.request.http.method === 'DELETE'
        ? { answer: { status: 403, body: 'orders are kept for ten years\n' } }
        : { headers: { 'x-decided-by': 'shop-rules' } }
  })
}
