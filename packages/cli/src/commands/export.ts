import { type ConfigFormat, formatConfig, loadConfig } from '@gatewright/config'
import { type Command, UsageError } from '../command.js'
import { configFiles } from '../config-files.js'
import { validate } from '../validated.js'

const FORMATS: readonly string[] = ['yaml', 'json', 'ts']

export const exportConfig: Command = {
  name: 'export',
  summary: 'Print a configuration as one file, whatever it is made of',
  usage: '[FILE|URL...]',
  takes: [0, Number.POSITIVE_INFINITY],
  options: [
    { name: 'format', value: 'FORMAT', about: 'yaml (default), json or ts.' },
    {
      name: 'without-code',
      about: 'Leave functions and instances of modules out; else they are problems.'
    },
    { name: 'secrets', about: 'Print secrets. Without it they are ***.' }
  ],
  about: [
    'Included files, sources and references are put together; modules become data. What is printed is checked first, and read again it is the same.'
  ],
  examples: [
    'gatewright export gateway.ts > gateway.yaml',
    'gatewright export gateway.yaml routes.d --format json'
  ],
  async run(input) {
    const { cwd, env, stdout, stderr } = input.terminal
    const format = input.text('format') ?? 'yaml'
    if (!FORMATS.includes(format))
      throw new UsageError(`--format: '${format}' is none of ${FORMATS.join(', ')}`)
    const loaded = await loadConfig(configFiles(input), { cwd, env })
    await validate(loaded)
    const code = input.flag('without-code') ? 'omit' : 'refuse'
    const text = (config: object): string => formatConfig(config, format as ConfigFormat, { code })
    const shown = text(loaded.redacted(loaded.config))
    const whole = text(loaded.config)
    if (!input.flag('secrets') && shown !== whole)
      stderr.write('secrets are shown as ***; --secrets prints them\n')
    stdout.write(input.flag('secrets') ? whole : shown)
    return 0
  }
}
