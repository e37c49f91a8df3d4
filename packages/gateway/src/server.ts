import {
  type BalancingPolicyType,
  createErrorHandler,
  createRewriteUrl,
  type ErrorHandler,
  GatewayError,
  InvalidValueError,
  isMeant,
  MOUNTED,
  pluginFault,
  REFUSED_URL,
  show,
  thrower
} from '@gatewright/core'
import type { FastifyError, FastifyInstance, FastifyListenOptions, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { GatewayServerConfig, ServerOptions } from './config/config.js'
import { errorCodes } from './fastify.js'
import { createLazily } from './lazy-compilers.js'
import { listenOnAll } from './listen-addresses.js'
import { listenerOptions, tuneServer } from './listener.js'
import { type CurrentLimits, listenerLimits, listenerPart } from './listener-limits.js'
import { loggerOptions } from './logger.js'
import { pipeline } from './pipeline.js'
import { checkProbes, type Probes, startProbes } from './probes.js'
import type { GatewaySeams } from './seams.js'
import { serverKeys, shutdownPart, usableOptions } from './server-keys.js'
import {
  createShutdown,
  type Shutdown,
  type ShutdownState,
  type StopOptions,
  stopOnSignals
} from './shutdown.js'

/** Additions in code beside the configuration, until the app becomes ready. */
interface Additions {
  readonly policyTypes: BalancingPolicyType<never>[]
  readonly plugins: { readonly plugin: FastifyPluginAsync<object>; readonly options: object }[]
}

/** A Fastify app with the gateway in it, its listeners and its end. */
export interface GatewayServer {
  readonly app: FastifyInstance
  readonly additions: Additions
  /** Whether the configuration is final. */
  readonly started: boolean
  readonly state: ShutdownState
  readonly probePort: number | null
  ready(): Promise<void>
  listen(options: FastifyListenOptions): Promise<string>
  close(options?: StopOptions): Promise<void>
  /** Cuts off what is in flight. */
  cutOff(): void
}

/** How long each plugin and the route table may take to start: tables of many thousands of routes take seconds of a slow processor. */
const START_LIMIT_MS = 60_000

/** Builds the app. `config` may still be added to until the app gets ready. */
export function createServer(config: GatewayServerConfig, seams: GatewaySeams): GatewayServer {
  const additions: Additions = { policyTypes: [], plugins: [] }
  let probes: Probes | null = null
  let started = false
  let listening = false
  let offSignals = (): void => {}

  // The server's own options are read now, before the whole configuration can be checked.
  const usable = usableOptions(config)
  const limits: CurrentLimits = { current: listenerLimits(usable.server) }
  const app: FastifyInstance = createLazily({
    ...listenerOptions(limits.current),
    ...loggerOptions(usable),
    pluginTimeout: START_LIMIT_MS,
    rewriteUrl: createRewriteUrl(() => app.gateway?.current)
  })
  const hasProbes = (): boolean => probes !== null
  const { startProbes: start = startProbes, stopping, ...testSeams } = seams
  const shutdown: Shutdown = createShutdown(app, {
    settings: () =>
      (app.gateway?.current?.config as ServerOptions | undefined)?.shutdown ?? usable.shutdown ?? {},
    hasProbes,
    cutOff: tuneServer(app, limits),
    whenClosed() {
      offSignals()
      probes?.close()
    },
    stopping
  })
  app.setErrorHandler(createResponseError(app, usable))
  // Not encapsulated, so that `app.gateway` is there for the URL rewriter, the shutdown and the app's owner.
  app.register(
    fp(async function assemble(root: FastifyInstance) {
      started = true
      await root.register(pipeline, {
        config,
        mount: '',
        notFound: 'gateway',
        listener: 'probes',
        extend,
        ...testSeams
      })
      // Never gets as far as its handler: opening the exchange has answered.
      root.all(REFUSED_URL, { config: { gateway: MOUNTED } }, () => {})
    })
  )

  async function extend(root: FastifyInstance): Promise<void> {
    const { policyTypes, keys, checks, changes } = root.gateway
    keys.add(...serverKeys)
    changes.push(shutdownPart, listenerPart(app, limits))
    checks.push(checkProbes)
    for (const type of additions.policyTypes) policyTypes.set(type.name, type as BalancingPolicyType)
    for (const { plugin, options } of additions.plugins) await root.register(plugin, options)
  }

  return {
    app,
    additions,
    get started() {
      return started
    },
    get state() {
      return shutdown.state
    },
    get probePort() {
      return probes?.port ?? null
    },
    async ready() {
      await app.ready()
    },
    async listen(given) {
      if (typeof given !== 'object' || given === null)
        throw new InvalidValueError('listen()', `given an object such as { port: 8080 }, not ${show(given)}`)
      await app.ready()
      const options = given.path === undefined ? { port: 8080, ...config.listen, ...given } : given
      const scrapes = app.hasDecorator('metrics') && app.metrics.listener === 'probes' ? app.metrics : null
      const isReady = (): boolean => listening && shutdown.state === 'running'
      const at = addressOf(options)
      probes = await start(config.probes ?? scrapes !== null, isReady, scrapes, at)
      try {
        // Fastify itself minds only when it has listened before.
        if (shutdown.state !== 'running') throw new errorCodes.FST_ERR_REOPENED_CLOSE_SERVER()
        const url = await listenOnAll(app, options.path === undefined ? { ...options, ...at } : options)
        listening = true
        if (config.shutdown?.signals !== false) offSignals = stopOnSignals(app, shutdown)
        return url
      } catch (error) {
        probes?.close()
        throw error
      }
    },
    close: (options) => shutdown.stop(options),
    cutOff: () => shutdown.force()
  }
}

// A socket in the file system is for this machine alone.
function addressOf({ path, host, ipv6Only = false }: FastifyListenOptions) {
  return { host: path === undefined ? (host ?? '::') : 'localhost', ipv6Only }
}

// An error of the app's own: a message intended for the client is sent, any other stays inside.
function createResponseError(
  app: FastifyInstance,
  { reasonHeader = false }: GatewayServerConfig
): ErrorHandler {
  const respondWithProblem = createErrorHandler(() => app.gateway?.current?.ingress ?? { reasonHeader })
  return function answerError(error, request, reply) {
    if (error instanceof GatewayError) return respondWithProblem(error, request, reply)
    if (isMeant(error)) return reply.send(error)
    return respondWithProblem(
      pluginFault(thrower(request.exchange), error) as GatewayError & FastifyError,
      request,
      reply
    )
  }
}
