// Makes an API key for a consumer: the file gets its hash, and only whoever sees this output has the key.
import { readFileSync, writeFileSync } from 'node:fs'
import { type ApiKeyConfig, createApiKey } from '@gatewright/gateway'
import { CONSUMERS } from './consumers.js'

const { KEYS_FILE = 'keys.json' } = process.env
// Some package managers pass the -- on.
const [consumer = ''] = process.argv.slice(2).filter((argument) => argument !== '--')
if (Object.hasOwn(CONSUMERS, consumer)) {
  const { key, hash, id } = createApiKey({ prefix: consumer })
  const keys: ApiKeyConfig[] = JSON.parse(readFileSync(KEYS_FILE, 'utf8'))
  writeFileSync(KEYS_FILE, `${JSON.stringify([...keys, { id, hash, consumer }], null, 2)}\n`)
  console.log(`The key of ${consumer}, which is shown only once: ${key}`)
} else {
  console.error(
    `'${consumer}' is none of the consumers in src/consumers.ts: ${Object.keys(CONSUMERS).join(', ')}`
  )
  process.exitCode = 1
}
