import type { Rewrite } from './route.js'
import type { RewriteConfig } from './schema.js'

/** Yields one sentence per problem of a rewrite. */
export function* checkRewrite(_config: RewriteConfig, _at: string): Iterable<string> {}

/** Compiles a checked rewrite. `matchedPrefix` is what `stripPrefix: true` removes; `''` for nothing. */
export function compileRewrite(_config: RewriteConfig, _matchedPrefix: string): Rewrite {
  return (path) => path
}
