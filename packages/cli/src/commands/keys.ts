import { createApiKey } from '@gatewright/gateway'
import { type Command, UsageError } from '../command.js'
import { JSON_OUTPUT } from '../shared-options.js'

export const keys: Command = {
  name: 'keys',
  summary: 'Make an API key, and what the configuration keeps of it',
  usage: 'new',
  takes: [1, 1],
  options: [
    {
      name: 'prefix',
      value: 'TEXT',
      about: 'How the key begins, for scanners of leaked secrets. Default gw.'
    },
    JSON_OUTPUT
  ],
  about: ['The key is shown once and kept nowhere: the configuration has its hash alone.'],
  examples: ['gatewright keys new --prefix shop'],
  async run({ arguments: [what = ''], text, flag, terminal: { stdout } }) {
    if (what !== 'new') throw new UsageError(`'${what}' is nothing that can be done with keys: new`)
    const prefix = text('prefix')
    const made = createApiKey(prefix === undefined ? {} : { prefix })
    stdout.write(flag('json') ? `${JSON.stringify(made)}\n` : `key   ${made.key}\nhash  ${made.hash}\n`)
    return 0
  }
}
