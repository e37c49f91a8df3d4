import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type LoadedConfig, loadConfig } from '@gatewright/config'
import { type Command, type Input, type Terminal, UsageError } from '../command.js'
import { checkPlace } from '../config-files.js'
import { FAIL_ON_RISKS, failingRisks } from '../failing.js'
import { redactedChanges } from '../redacted-changes.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { standingGateway } from '../validated.js'

export const replay: Command = {
  name: 'replay',
  summary: 'Say what a change would mean for the requests of an access log',
  usage: 'LOG... --old FILE --new FILE',
  takes: [1, Number.POSITIVE_INFINITY],
  options: [
    { name: 'old', value: 'FILE', many: true, about: 'The configuration before; several are merged.' },
    { name: 'new', value: 'FILE', many: true, about: 'The configuration after; several are merged.' },
    FAIL_ON_RISKS,
    JSON_OUTPUT
  ],
  about: [
    'Each request is asked of both configurations, in this process: nothing is sent. What is told: requests that get another route, pool, target or answer, or a route with other options, the riskiest first.',
    'LOG has lines of the access log in the format json; /dev/stdin is what is piped in. What routes choose by must be in it: hosts, methods and paths always are, the query with `accessLog.query`, headers with `accessLog.headers`.'
  ],
  examples: [
    'gatewright replay access.log --old deployed.yaml --new gateway.yaml',
    'zcat access.log.1.gz | gatewright replay /dev/stdin --old a.yaml --new b.yaml'
  ],
  exits: { 1: 'there are requests with a difference of a risk that `--fail-on` names' },
  async run(input) {
    const { terminal } = input
    const lint = await import('@gatewright/lint')
    const failOn = failingRisks(input, { all: lint.RISKS, risky: lint.OPENING_RISKS })
    const [old, next] = [await loaded(input, 'old'), await loaded(input, 'new')]
    const before = await standingGateway(old)
    const after = await standingGateway(next).catch(async (error: unknown) => {
      await before.close()
      throw error
    })
    try {
      const result = await lint.replay(linesOf(input.arguments, terminal), before, after, {
        onProgress: progressOn(terminal)
      })
      if (terminal.interactive) terminal.stderr.write('\r\x1b[K')
      const groups = result.groups.map((group) => ({
        ...old.redacted(next.redacted(group)),
        risk: group.risk,
        changes: redactedChanges(group.changes, old, next)
      }))
      terminal.stdout.write(lint.formatReplay({ ...result, groups }, input.flag('json') ? 'json' : 'text'))
      return lint.exitCodeOfChanges(result.groups, failOn)
    } finally {
      await before.close()
      await after.close()
    }
  }
}

function loaded(input: Input, side: 'old' | 'new'): Promise<LoadedConfig> {
  const { cwd, env } = input.terminal
  const files = input.texts(side)
  if (files.length === 0) throw new UsageError(`--${side} is missing: the configuration to compare`)
  for (const place of files) checkPlace(place)
  return loadConfig([...files], { cwd, env })
}

async function* linesOf(files: readonly string[], { cwd }: Terminal): AsyncIterable<string> {
  for (const file of files) {
    const stream = createReadStream(resolve(cwd, file), 'utf8')
    // An error of the stream is none of the lines: those would only end.
    const failed = new Promise<never>((_resolve, reject) => stream.once('error', reject))
    failed.catch(() => {})
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    if (stream.errored !== null) await failed
  }
}

function progressOn({ interactive, stderr }: Terminal): (lines: number) => void {
  return (lines) => {
    if (interactive) stderr.write(`\r${lines} lines`)
  }
}
