import { loadConfig } from '@gatewright/config'
import type { Command } from '../command.js'
import { checkPlace } from '../config-files.js'
import { FAIL_ON_RISKS, failingRisks, formatOf } from '../failing.js'
import { redactedChanges } from '../redacted-changes.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { validate } from '../validated.js'

export const diff: Command = {
  name: 'diff',
  summary: 'Say what a change of a configuration means, the riskiest first',
  usage: 'BEFORE AFTER',
  takes: [2, 2],
  options: [
    {
      name: 'format',
      value: 'FORMAT',
      about: 'text, json, or markdown: a table for a review. Default text.'
    },
    FAIL_ON_RISKS,
    JSON_OUTPUT
  ],
  about: [
    'BEFORE and AFTER are files or folders. Each route is compared with what it really gets, from its policies and the top too: where a policy has changed, the routes are told that it reaches. What is only written in another way or another order is no change. Values of secrets are not shown.'
  ],
  examples: [
    'gatewright diff deployed.yaml gateway.yaml',
    'gatewright diff deployed.yaml gateway.yaml --fail-on risky',
    'gatewright diff ../main/gateway.yaml gateway.yaml --format markdown'
  ],
  exits: { 1: 'there is a change of a risk that `--fail-on` names' },
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const { diffConfigs, exitCodeOfChanges, formatChanges, OPENING_RISKS, RISKS } = await import(
      '@gatewright/lint'
    )
    const format = formatOf<'markdown'>(input, ['text', 'json', 'markdown'])
    const failOn = failingRisks(input, { all: RISKS, risky: OPENING_RISKS })
    const [first = '', second = ''] = input.arguments
    for (const place of input.arguments) checkPlace(place)
    const [before, after] = [await loadConfig(first, { cwd, env }), await loadConfig(second, { cwd, env })]
    await validate(before)
    await validate(after)
    const changes = diffConfigs(before.config, after.config, {
      locate: { before: before.locate, after: after.locate }
    })
    stdout.write(formatChanges(redactedChanges(changes, before, after), format))
    return exitCodeOfChanges(changes, failOn)
  }
}
