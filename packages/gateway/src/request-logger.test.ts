import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { createRequestLoggers } from './request-logger.js'

type Options = Record<string, unknown>
type Log = FastifyBaseLogger & {
  bindings(): object
  setBindings(bindings: object): void
  isLevelEnabled(level: string): boolean
}

const uses: Record<string, (log: Log, app: FastifyInstance) => unknown> = {
  'a line': (log) => log.info('one'),
  'fields and a message': (log) => log.warn({ user: 'ann', request_id: 'not this one' }, 'two %s', 'words'),
  'an error': (log) => log.error(Object.assign(new Error('broken'), { stack: 'none' })),
  'a level that is off': (log) => log.debug('unheard'),
  'levels it would write': (log) => log.info(['debug', 'info'].map((level) => log.isLevelEnabled(level))),
  'its bindings': (log) => log.info(log.bindings()),
  'a child, and a child of that': (log) => log.child({ part: 'a' }).child({ more: 1 }).info('three'),
  'a child with options': (log) => log.child({ part: 'b' }, { level: 'trace' }).trace('four'),
  'bindings that are added': (log) => {
    log.setBindings({ late: true })
    log.child({ deeper: true }).info('five')
    log.info('six')
  },
  'a child made before bindings are added': (log) => {
    const child = log.child({ early: true })
    log.setBindings({ late: true })
    child.info('seven')
  },
  'a level of its own': (log) => {
    log.level = 'debug'
    log.debug('eight')
  }
}

const forms: Record<string, Options> = {
  plain: {},
  'a level by its name': { formatters: { level: (level: string) => ({ level }) } },
  'bindings in another form': {
    formatters: { bindings: (given: object) => ({ bound: Object.keys(given) }) }
  },
  'fields in another form': { formatters: { log: (fields: object) => ({ fields }) } },
  'a redacted id': { redact: ['request_id', 'user'] },
  'an id that is written in another way': { serializers: { request_id: (id: string) => `<${id}>` } },
  'a prefix, nested fields': { msgPrefix: 'gw ', nestedKey: 'data' },
  'a mixin': { mixin: () => ({ mixed: true }) },
  'nothing but warnings': { level: 'warn' }
}

async function linesOf(form: Options, use: (typeof uses)[string], childLoggerFactory?: unknown) {
  const stream = new PassThrough()
  const app = Fastify({
    logger: { ...form, base: null, timestamp: false, stream },
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    ...(childLoggerFactory === undefined ? {} : { childLoggerFactory: childLoggerFactory as never })
  })
  app.get('/', async ({ log }) => {
    await use(log as Log, app)
    return ''
  })
  app.get('/chatty', { logLevel: 'trace' }, async ({ log }) => {
    await use(log as Log, app)
    return ''
  })
  for (const url of ['/', '/', '/chatty']) assert.equal((await app.inject(url)).statusCode, 200)
  await app.close()
  return String(stream.read() ?? '')
}

for (const [form, options] of Object.entries(forms))
  test(`a request’s log writes what Fastify’s own would: ${form}`, async () => {
    for (const [name, use] of Object.entries(uses))
      assert.equal(
        await linesOf(options, use, createRequestLoggers()),
        await linesOf(options, use),
        `${form}, ${name}`
      )
  })

test('a level that is changed while it runs holds for the requests after it', async () => {
  const use: (typeof uses)[string] = (log, app) => {
    log.debug('from now on')
    app.log.level = 'debug'
  }
  const lines = await linesOf({}, use, createRequestLoggers())
  assert.equal(lines, await linesOf({}, use))
  assert.match(lines, /from now on/)
})

test('a logger that is told of its children is told of every request’s', async () => {
  const children: object[] = []
  const onChild = (child: object): void => void children.push((child as Log).bindings())
  await linesOf({ onChild }, () => {}, createRequestLoggers())
  assert.deepEqual(
    children.map((bindings) => Object.keys(bindings)),
    [['request_id'], ['request_id'], ['request_id']]
  )
})

test('a line costs text only when it is written', async () => {
  const { log } = Fastify({ logger: { level: 'info', stream: new PassThrough() } })
  const make = createRequestLoggers()
  const child = make.call({} as never, log, { request_id: 'r1' }, {}, {} as never) as Log
  assert.ok(!Object.getOwnPropertySymbols(child).some(({ description }) => description === 'pino.chindings'))
  assert.deepEqual(child.bindings(), { request_id: 'r1' })
})

test('a logger that is not pino’s makes its children itself', async () => {
  const lines: string[] = []
  const made = (name: string): FastifyBaseLogger =>
    ({
      ...Object.fromEntries(
        ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].map((level) => [
          level,
          (message: string) => void lines.push(`${name} ${level} ${message}`)
        ])
      ),
      level: 'info',
      child: ({ request_id }: { request_id: string }) => made(request_id)
    }) as unknown as FastifyBaseLogger
  const log = createRequestLoggers().call({} as never, made('app'), { request_id: 'r1' }, {}, {} as never)
  log.info('here')
  assert.deepEqual(lines, ['r1 info here'])
})
