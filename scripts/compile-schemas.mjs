// Compiles the TypeBox schemas with Ajv into plain functions, so that a start pays for neither library.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const TARGETS = [
  {
    from: 'packages/core/dist/schema.js',
    to: 'packages/core/dist/validate-config.js',
    exports: { validateConfig: 'ConfigSchema', validateNativeRoute: 'NativeRouteSchema' }
  },
  {
    from: 'packages/gateway/dist/server-schema.js',
    to: 'packages/gateway/dist/validate-server.js',
    exports: { validateServer: 'ServerSchema' }
  }
]

/** Writes each validator that is older than its schema. Returns the files written. */
export async function compileSchemas() {
  const written = []
  for (const target of TARGETS) {
    const from = new URL(target.from, root)
    const to = new URL(target.to, root)
    if (!existsSync(from)) continue
    const newest = Math.max(
      ...TARGETS.map((t) => new URL(t.from, root))
        .filter(existsSync)
        .map((f) => statSync(f).mtimeMs)
    )
    if (existsSync(to) && statSync(to).mtimeMs >= newest) continue
    const require = createRequire(new URL('packages/core/package.json', root))
    const { Ajv } = require('ajv')
    const standalone = require('ajv/dist/standalone').default
    const schemas = await import(from)
    const ajv = new Ajv({
      allErrors: true,
      verbose: true,
      strict: false,
      logger: false,
      unicode: false,
      code: { source: true, esm: true, lines: true },
      schemas: Object.fromEntries(Object.values(target.exports).map((name) => [name, toJson(schemas[name])]))
    })
    const code = standalone(ajv, target.exports)
    if (/\brequire\(/.test(code))
      throw new Error(`${target.to} would need require(): ${/require\([^)]*\)/.exec(code)}`)
    writeFileSync(to, code)
    written.push(target.to)
  }
  return written
}

// TypeBox keeps its own marks on hidden keys; JSON has none.
const toJson = (schema) => JSON.parse(JSON.stringify(schema))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of await compileSchemas())
    console.log(`wrote ${file} (${readFileSync(new URL(file, root)).length} bytes)`)
}
