import { ConfigFileError, loadConfig } from '@gatewright/config'
import type { Command } from '../command.js'
import { configFiles } from '../config-files.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { validate } from '../validated.js'

export const check: Command = {
  name: 'check',
  summary: 'Say what is wrong with a configuration',
  usage: '[FILE...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [JSON_OUTPUT],
  about: [
    'Everything is read and checked as at a start; nothing listens, and no file of a log is opened. All problems are listed, each with its file, line and path.'
  ],
  examples: ['gatewright check', 'gatewright check gateway.yaml routes.d --json'],
  exits: { 1: 'the configuration has problems' },
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const files = configFiles(input)
    try {
      const loaded = await loadConfig([...files], { cwd, env })
      await validate(loaded)
      const { routes = [], pools = {} } = loaded.config
      if (input.flag('json')) stdout.write(`${JSON.stringify({ ok: true, problems: [] })}\n`)
      else
        stdout.write(
          `${files.join(', ')}: ok (${routes.length} routes, ${Object.keys(pools).length} pools)\n`
        )
      return 0
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error
      if (input.flag('json'))
        stdout.write(`${JSON.stringify({ ok: false, problems: error.problems }, null, 2)}\n`)
      else stdout.write(`${error.message}\n`)
      return 1
    }
  }
}
