import { type DemoAnswer, type DemoRequest, DemoUpstream } from './upstream.js'

/** An account service that knows everybody whose password is `demo`. */
export function accountAnswer({ url, headers, body }: DemoRequest): DemoAnswer {
  if (url !== '/login') return { body: { user: headers['x-user'], name: 'Somebody' } }
  const { user, password } = JSON.parse(body)
  return password === 'demo' ? { body: { user } } : { status: 401, body: {} }
}

/** Starts a service of each kind, and returns their URLs. */
export async function startServices() {
  const start = async (...args: ConstructorParameters<typeof DemoUpstream>): Promise<string[]> => [
    (await new DemoUpstream(...args).start()).unref().url
  ]
  const [web, account, shop] = await Promise.all([
    start('web'),
    start('account', accountAnswer),
    start('shop', ({ headers }) => ({ body: { orders: [1, 2, 3], of: headers['x-user'] } }))
  ])
  return { web, account, shop }
}
