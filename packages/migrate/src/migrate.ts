import { accepted } from './accepted.js'
import { fromExpressGateway } from './express-gateway/express-gateway.js'
import { fromMiddleware } from './middleware/middleware.js'
import type { Migration, MigrationSource } from './migration.js'
import { fromNginx } from './nginx/nginx.js'
import { fromOpenApi } from './openapi/openapi.js'

/** What configurations are translated from, by name. */
const TRANSLATORS = {
  nginx: fromNginx,
  'http-proxy-middleware': fromMiddleware,
  'express-gateway': fromExpressGateway,
  openapi: fromOpenApi
} as const

/** What configurations are translated from. */
export type MigrationFrom = keyof typeof TRANSLATORS

/** Its values. */
export const MIGRATION_FROM: readonly MigrationFrom[] = Object.keys(TRANSLATORS) as MigrationFrom[]

/**
 * Translates the configuration of another proxy into one that a gateway starts with, and tells what became of every
 * statement that was not simply translated. Nothing of it is run, and files are read by `source.read` alone. What guards
 * a route and could not be translated closes it. Rejects with a {@link MigrationError} where `source.text` is not what
 * `from` says.
 *
 * @example
 * const { config, notes } = await migrate('nginx', { file: 'nginx.conf', text, read: () => undefined })
 */
export async function migrate(from: MigrationFrom, source: MigrationSource): Promise<Migration> {
  return accepted(TRANSLATORS[from](source))
}
