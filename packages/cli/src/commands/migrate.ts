import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ConfigFormat, formatConfig } from '@gatewright/config'
import { type Command, UsageError } from '../command.js'
import { expandPattern } from '../expand-pattern.js'
import { choice } from '../failing.js'
import { JSON_OUTPUT } from '../shared-options.js'

const FORMATS: readonly ConfigFormat[] = ['yaml', 'ts', 'json']

export const migrate: Command = {
  name: 'migrate',
  summary: 'Translate a configuration of nginx, http-proxy-middleware, Express Gateway or OpenAPI',
  usage: '--from WHAT FILE',
  takes: [1, 1],
  options: [
    { name: 'from', value: 'WHAT', about: 'nginx, http-proxy-middleware, express-gateway or openapi.' },
    { name: 'to', value: 'FORMAT', about: 'yaml (default), ts or json.' },
    { name: 'output', short: 'o', value: 'FILE', about: 'Write it there. Default: the standard output.' },
    { name: 'force', about: 'Write over a file that is there.' },
    { ...JSON_OUTPUT, about: 'Print the configuration and the notes as JSON.' }
  ],
  about: [
    'What it writes passes `gatewright check`. The standard error has a line for every statement that was not simply translated: left out, different, not needed, or closed. Nothing is dropped in silence, and no code is run.',
    'Closed is what guards a route and could not be translated: the route refuses every request until you have said who may.'
  ],
  examples: [
    'gatewright migrate --from nginx /etc/nginx/nginx.conf -o gateway.yaml',
    'gatewright migrate --from http-proxy-middleware src/setupProxy.js --to ts'
  ],
  exits: { 1: 'something was left out or closed; the configuration is written all the same' },
  async run(input) {
    const { cwd, stdout, stderr } = input.terminal
    const { formatMigration, MIGRATION_FROM, migrate: translate } = await import('@gatewright/migrate')
    const from = choice(input, 'from', MIGRATION_FROM)
    if (from === undefined) throw new UsageError(`--from is missing: ${MIGRATION_FROM.join(', ')}`)
    const format = choice(input, 'to', FORMATS) ?? 'yaml'
    const [file = ''] = input.arguments
    const migration = await translate(from, {
      file,
      text: readFileSync(resolve(cwd, file), 'utf8'),
      read: (path) => readOrNothing(resolve(cwd, path)),
      expand: (pattern) => expandPattern(pattern, cwd)
    })
    const { config, notes } = migration
    const text = input.flag('json')
      ? `${JSON.stringify({ config, notes }, null, 2)}\n`
      : formatConfig(config, format)
    const output = input.text('output')
    if (output === undefined) stdout.write(text)
    else await write(resolve(cwd, output), text, output, input.flag('force'))
    if (!input.flag('json')) stderr.write(formatMigration(migration))
    return notes.some(({ kind }) => kind === 'closed' || kind === 'left-out') ? 1 : 0
  }
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

async function write(path: string, text: string, shown: string, isForced: boolean): Promise<void> {
  await writeFile(path, text, { flag: isForced ? 'w' : 'wx' }).catch((error) => {
    if (error.code === 'EEXIST') throw new UsageError(`${shown} is there already: --force writes over it`)
    throw error
  })
}
