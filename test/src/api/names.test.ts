import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read, sourcesOf, workspacesIn } from '../support/workspace.js'

/** What stands between quotes in the packages, and looks like a name for the world outside. */
const NAMES = /['"`]((?:x-g|g)[a-z]*[-_][\w-]*|G[A-Z]*_[A-Z_]+)/g

/** The product, words that only begin so, and directives of nginx. */
const WORDS = /^(?:gatewright-|gateway-|get_|grpc[-_]|group_|given_|grace_|gzip_)/

test('headers, cookies, error codes and environment variables have one prefix', () => {
  const names = workspacesIn('packages')
    .flatMap(sourcesOf)
    .filter((file) => !file.endsWith('.test.ts'))
    .flatMap((file) => [...read(file).matchAll(NAMES)].map(([, name]) => name as string))
    .filter((name) => !WORDS.test(name))
  assert.ok(names.includes('x-gw-reason') && names.includes('GW_CONFIG_INVALID') && names.includes('gw_'))
  for (const name of names) assert.match(name, /^(?:x-gw-|gw_|GW_)/)
})
