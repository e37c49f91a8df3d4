import { type ConfigOrigin, loadConfig, originsOf } from '@gatewright/config'
import type { Explanation } from '@gatewright/core'
import { type Command, type Input, UsageError } from '../command.js'
import { checkPlace, usualFile } from '../config-files.js'
import { columns } from '../layout.js'
import { CONFIG, JSON_OUTPUT } from '../shared-options.js'
import { standingGateway } from '../validated.js'

/** Characters of a value that are shown. */
const MOST = 48

const METHOD = /^[A-Z][A-Z-]*$/

export const explain: Command = {
  name: 'explain',
  summary: 'Say what would happen to a request, and why',
  usage: '[METHOD] URL',
  takes: [1, 2],
  options: [
    CONFIG,
    {
      name: 'header',
      short: 'H',
      value: 'FIELD',
      many: true,
      about: 'A header field of the request: "name: value".'
    },
    JSON_OUTPUT
  ],
  about: [
    'Nothing is sent. Each value that the route goes by is shown with the file and line that says it. Endpoints are taken to be as they are at the start, before any probe.'
  ],
  examples: [
    'gatewright explain /users/7',
    'gatewright explain POST https://api.example.com/orders -H "x-tenant: a"'
  ],
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const [first = '', second] = input.arguments
    const [method, url] = second === undefined ? ['GET', first] : [first.toUpperCase(), second]
    if (!METHOD.test(method)) throw new UsageError(`'${first}' is no method`)
    if (!url.startsWith('/') && !URL.canParse(url))
      throw new UsageError(`'${url}' is neither a path nor a URL`)
    const request = { method, url, headers: headersOf(input) }
    const files = input.texts(CONFIG.name)
    for (const place of files) checkPlace(place)
    const loaded = await loadConfig(files.length > 0 ? files : [usualFile(input.terminal)], { cwd, env })
    const gateway = await standingGateway(loaded)
    try {
      const explanation = await gateway.explain(request)
      const route = gateway.app.gateway.snapshot.routes.find(({ id }) => id === explanation.route)
      const [, index = ''] = /^routes\[(\d+)\]$/.exec(route?.source ?? '') ?? []
      const values = index === '' ? [] : originsOf(loaded, Number(index))
      stdout.write(
        input.flag('json')
          ? `${JSON.stringify({ ...explanation, values }, null, 2)}\n`
          : textOf(method, url, explanation, values)
      )
      return 0
    } finally {
      await gateway.close()
    }
  }
}

function headersOf(input: Input): Record<string, string> {
  return Object.fromEntries(
    input.texts('header').map((field) => {
      const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\0\r\n]*)$/.exec(field) ?? []
      if (name === undefined) throw new UsageError(`--header: '${field}' must be "name: value"`)
      return [name, value ?? '']
    })
  )
}

function textOf(
  method: string,
  url: string,
  explanation: Explanation,
  values: readonly ConfigOrigin[]
): string {
  const {
    path,
    pathNote,
    natives,
    considered,
    route,
    action,
    status,
    allow,
    pool,
    upstreamUrl,
    candidates,
    steps
  } = explanation
  const facts: [string, string][] = [['request', `${method} ${url}`]]
  const add = (name: string, value: string | null): void => {
    if (value !== null && value !== '') facts.push([name, value])
  }
  add('path', path === null ? pathNote : `${path}${pathNote === '' ? '' : ` (${pathNote})`}`)
  add('route', route)
  add('action', action)
  add('status', status === null ? null : String(status))
  add('allowed', allow.join(', '))
  add('pool', pool)
  add('upstream', upstreamUrl)
  for (const step of steps) facts.push(['step', step])
  for (const one of candidates)
    facts.push(['endpoint', `${one.url}  ${one.eligible ? 'in' : 'out'}: ${one.because}`])
  const looked = [
    ...natives.map((one) => ({ ...one, id: one.route })),
    ...considered.map((one) => ({ ...one, id: one.routeId }))
  ]
  for (const { matched, id, because } of looked)
    facts.push([matched ? 'matched' : 'passed by', `${id}: ${because}`])
  for (const { path, value, position } of values) {
    const place = position === undefined ? '' : `  (${position.file}:${position.line})`
    facts.push(['said by', `${path}: ${shortJson(value)}${place}`])
  }
  return `${columns(facts)}\n`
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'code'
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text
}
