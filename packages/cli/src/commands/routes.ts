import { loadConfig } from '@gatewright/config'
import type { Route } from '@gatewright/core'
import type { Command } from '../command.js'
import { configFiles } from '../config-files.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { standingGateway } from '../validated.js'

export const routes: Command = {
  name: 'routes',
  summary: 'List the routes, in the order in which they are configured',
  usage: '[FILE|URL...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [JSON_OUTPUT],
  about: [],
  examples: ['gatewright routes', 'gatewright routes gateway.yaml --json'],
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const gateway = await standingGateway(await loadConfig([...configFiles(input)], { cwd, env }))
    try {
      const table = gateway.app.gateway.current?.routes ?? []
      stdout.write(
        input.flag('json') ? `${JSON.stringify(table.map(shown), null, 2)}\n` : await gateway.printRoutes()
      )
      return 0
    } finally {
      await gateway.close()
    }
  }
}

function shown({ id, match, action, pool }: Route): object {
  return {
    id,
    methods: match?.methods ?? null,
    hosts: match?.hosts ?? [],
    path: match?.path ?? null,
    action: action.kind,
    pool: pool?.id ?? null
  }
}
