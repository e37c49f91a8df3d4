/** The plugins that a program of {@link policiesProgram} uses beside the gateway, by the name that it gives them. */
export const PLUGINS: Readonly<Record<string, string>> = {
  compress: '@fastify/compress',
  cookie: '@fastify/cookie',
  cors: '@fastify/cors',
  formbody: '@fastify/formbody',
  helmet: '@fastify/helmet',
  jwt: '@fastify/jwt',
  multipart: '@fastify/multipart',
  rateLimit: '@fastify/rate-limit',
  session: '@fastify/session',
  serveStatic: '@fastify/static',
  swagger: '@fastify/swagger',
  underPressure: '@fastify/under-pressure',
  websocket: '@fastify/websocket'
}

const NAMED: readonly (readonly [string, string])[] = [
  ['createServer', 'node:http'],
  ['gunzipSync', 'node:zlib'],
  ['fastify', 'fastify'],
  ['gateway, createApiKey', '@gatewright/gateway']
]

const BODY = `
async function decided(isFirst) {
  const upstream = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { 'x-user': user = 'nobody', 'x-by': by = 'nobody', 'x-api-key': sent = 'none' } = request.headers
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ user, by, sent, body, secret: 1, text: 'x'.repeat(4000) }))
  })
  await new Promise((resolve) => upstream.listen(0, '127.0.0.1', () => resolve(null)))
  const address = upstream.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const { key, hash } = createApiKey()
  const app = fastify()
  const register = () =>
    app.register(gateway, {
      pools: { api: { endpoints: ['http://127.0.0.1:' + port] } },
      authentication: {
        schemes: { keys: { type: 'apiKey', keys: [{ hash, id: 'ada', consumer: 'acme' }] } },
        consumers: { acme: {} }
      },
      routes: [
        {
          path: '/api/*',
          pool: 'api',
          auth: 'keys',
          rateLimit: { limit: 3, window: '1h', key: 'consumer' },
          cors: { origins: ['https://page.example'] },
          securityHeaders: true,
          compression: { encodings: ['gzip'] },
          validation: { body: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
          filters: [{ type: 'function', name: 'mine', request: () => ({ headers: { 'x-by': 'mine' } }) }],
          transform: {
            request: { headers: { set: { 'x-user': '{identity.subject}' } } },
            response: { json: [{ remove: ['/secret', '/text'] }] }
          }
        }
      ]
    })
  if (isFirst) await register()
  await app.register(cors, { origin: 'https://page.example' })
  await app.register(helmet)
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least 32 characters', cookie: { secure: false } })
  await app.register(jwt, { secret: 'secret' })
  await app.register(rateLimit, { max: 1000 })
  await app.register(compress, { threshold: 1024 })
  await app.register(multipart)
  await app.register(formbody)
  await app.register(serveStatic, { root: process.cwd() })
  await app.register(websocket)
  await app.register(swagger, { openapi: {} })
  await app.register(underPressure, { exposeStatusRoute: '/status' })
  if (!isFirst) await register()
  const ask = (payload, headers) =>
    app.inject({ method: 'POST', url: '/api/x', headers: { origin: 'https://page.example', ...headers }, payload })
  const known = { 'x-api-key': key, 'x-by': 'eve' }
  const answers = [
    await ask({ name: 'ada' }, {}),
    await ask({}, known),
    await ask({ name: 'ada' }, known),
    await ask({ name: 'ada' }, { ...known, 'accept-encoding': 'gzip' }),
    await ask({ name: 'ada' }, known)
  ]
  const packed = answers[3]
  const text = packed?.headers['content-encoding'] === 'gzip' ? String(gunzipSync(packed.rawPayload)) : packed?.body
  const told = [
    ...answers.map(({ statusCode }) => statusCode),
    answers[2]?.body,
    text === answers[2]?.body,
    answers[2]?.headers['access-control-allow-origin'],
    answers[2]?.headers['x-frame-options'],
    (await app.inject('/status')).statusCode
  ]
  await app.close()
  upstream.close()
  return told.join(' ')
}

async function main() {
  for (const isFirst of [true, false]) process.stdout.write((await decided(isFirst)) + '\\n')
}
void main()
`

/** What each run of the program prints, once with the gateway registered first and once last. */
export const DECIDED: string =
  '401 400 200 200 429 {"user":"ada","by":"mine","sent":"none","body":"{\\"name\\":\\"ada\\"}"} true https://page.example SAMEORIGIN 200\n'

/** A program of a user's with every policy of the gateway beside the plugins that Fastify apps have most often. */
export function policiesProgram(form: 'module' | 'commonjs' | 'typescript'): string {
  const plugins = Object.entries(PLUGINS)
  if (form === 'commonjs')
    return [
      ...NAMED.map(([names, from]) => `const { ${names} } = require('${from}')`),
      ...plugins.map(([name, from]) => `const ${name} = require('${from}')`),
      BODY
    ].join('\n')
  const named = NAMED.map(([names, from]) => `import { ${names} } from '${from}'`)
  const imported = plugins.map(([name, from]) => `import ${name} from '${from}'`)
  if (form === 'module') return [...named, ...imported, BODY].join('\n')
  // The declarations of this one need those of ws, which it does not bring.
  const declared = imported.filter((line) => !line.includes('websocket'))
  const typed = BODY.replace('  await app.register(websocket)\n', '')
    .replace('(isFirst)', '(isFirst: boolean)')
    .replace('(payload, headers)', '(payload: object, headers: Record<string, string>)')
  return [...named, ...declared, typed].join('\n')
}
