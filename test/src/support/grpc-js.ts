import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type GrpcObject,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type ServiceError,
  type sendUnaryData
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** A message as proto-loader reads and writes it: fields by their names in the `.proto` file. */
// biome-ignore lint/suspicious/noExplicitAny: what a field holds is said by a file that TypeScript does not read.
export type Loose = any

/** Answers one call; throws an error with `code` for a status of gRPC. */
export type Handler = (request: Loose) => Loose | Promise<Loose>

const ENVOY = fileURLToPath(new URL('../../protos/ext_authz.proto', import.meta.url))
const OURS = fileURLToPath(
  new URL('../../../packages/filters/proto/gatewright/filter/v1/filter.proto', import.meta.url)
)

/** A service of Envoy's `ext_authz` by grpc-js, which shares no code with the gateway. Resolves to its URL. */
export function serveEnvoyAuthz(t: TestContext, check: Handler): Promise<string> {
  return serve(t, ENVOY, 'envoy.service.auth.v3.Authorization', { Check: check })
}

/** A service of `gatewright.filter.v1` by grpc-js and the published `.proto`. Resolves to its URL. */
export function serveFilterProto(t: TestContext, handlers: Record<string, Handler>): Promise<string> {
  return serve(t, OURS, 'gatewright.filter.v1.Filter', handlers)
}

async function serve(
  t: TestContext,
  file: string,
  name: string,
  handlers: Record<string, Handler>
): Promise<string> {
  const definition = loadSync(file, {
    keepCase: true,
    longs: Number,
    enums: Number,
    defaults: true,
    oneofs: true
  })
  let found: Loose = loadPackageDefinition(definition) as GrpcObject
  for (const part of name.split('.')) found = found[part]
  const server = new Server()
  server.addService(
    (found as ServiceClientConstructor).service,
    Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method, unary(handler)]))
  )
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    )
  )
  t.after(() => server.forceShutdown())
  return `http://127.0.0.1:${port}`
}

function unary(handler: Handler) {
  return ({ request }: ServerUnaryCall<Loose, Loose>, done: sendUnaryData<Loose>): void => {
    Promise.resolve()
      .then(() => handler(request))
      .then(
        (response) => done(null, response),
        (error: ServiceError) => done(error)
      )
  }
}

/** An object as `google.protobuf.Struct` in the form of proto-loader. */
export function struct(object: Record<string, string | number | boolean>): Loose {
  const fields = Object.entries(object).map(([key, value]) => [
    key,
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'number'
        ? { numberValue: value }
        : { boolValue: value }
  ])
  return { fields: Object.fromEntries(fields) }
}
