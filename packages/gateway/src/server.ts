import {
  type BalancingPolicyType,
  createErrorHandler,
  createRewriteUrl,
  GatewayError,
  MOUNTED,
  REFUSED_URL,
  schemaProblems
} from '@gatewright/core'
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyListenOptions,
  type FastifyReply,
  type FastifyRequest,
  fastify
} from 'fastify'
import { createAccessLog } from './access-log.js'
import type { GatewaySeams } from './create-gateway.js'
import { listenerOptions, tuneServer } from './listener.js'
import { loggerOptions } from './logger.js'
import { pipeline } from './pipeline.js'
import { type Probes, startProbes } from './probes.js'
import type { GatewayServerConfig } from './server-schema.js'
import { createShutdown, type Shutdown, type ShutdownState, stopOnSignals } from './shutdown.js'
import { validateServer } from './validate-server.js'

/** A Fastify app with the gateway in it, its listeners and its end. */
export interface GatewayServer {
  readonly app: FastifyInstance
  readonly policyTypes: BalancingPolicyType<never>[]
  /** Whether the configuration is final. */
  readonly started: boolean
  readonly state: ShutdownState
  readonly probePort: number | null
  ready(): Promise<void>
  listen(options: FastifyListenOptions): Promise<string>
  close(): Promise<void>
}

/** Builds the app. `config` may still be added to until the app gets ready. */
export function createServer(config: GatewayServerConfig, seams: GatewaySeams): GatewayServer {
  const policyTypes: BalancingPolicyType<never>[] = []
  let probes: Probes | null = null
  let started = false
  let listening = false
  let offSignals = (): void => {}

  // The server's own options are read now, before the whole configuration can be checked.
  const problems = schemaProblems(validateServer, config)
  const usable = problems.length === 0 ? config : {}
  const app: FastifyInstance = fastify({
    ...listenerOptions(usable),
    ...loggerOptions(usable),
    rewriteUrl: createRewriteUrl(() => app.gateway?.current)
  })
  const shutdown: Shutdown = createShutdown(app, usable, () => {
    offSignals()
    probes?.close()
  })
  tuneServer(app)
  app.setErrorHandler(answerError)
  app.register(async function assemble(root: FastifyInstance) {
    started = true
    await root.register(pipeline, { config, validate: validateServer, mount: '', ...seams })
    const { gateway } = root
    for (const type of policyTypes) gateway.policyTypes.set(type.name, type as BalancingPolicyType)
    const accessLog = createAccessLog(config.accessLog)
    if (accessLog !== null) gateway.stages.exchangeObservers.push(accessLog)
    // Never gets as far as its handler: opening the exchange has answered.
    root.all(REFUSED_URL, { config: { gateway: MOUNTED } }, () => {})
  })

  async function close(): Promise<void> {
    await shutdown.stop()
  }

  return {
    app,
    policyTypes,
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
    async listen(options) {
      await app.ready()
      probes = await startProbes(config.probes, () => listening && shutdown.state === 'running')
      try {
        const url = await app.listen({ port: 8080, host: '::', ...options })
        listening = true
        if (config.shutdown?.signals !== false) offSignals = stopOnSignals(shutdown)
        return url
      } catch (error) {
        probes?.close()
        throw error
      }
    },
    close
  }
}

const answerProblem = createErrorHandler(false)

// An error of the app's own: what its author meant for the client passes, anything else stays inside.
function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof GatewayError) return answerProblem(error, request, reply)
  if (typeof error.statusCode === 'number' && error.statusCode < 500) return reply.send(error)
  request.log.error({ err: error }, 'a hook or handler failed')
  return answerProblem(new GatewayError('internal_error', { cause: error }) as FastifyError, request, reply)
}
