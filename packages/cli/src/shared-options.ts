import type { CommandOption } from './command.js'

/** Flags that several commands have. */
export const PORT: CommandOption = {
  name: 'port',
  short: 'p',
  value: 'PORT',
  about: 'Listen on this port instead of that of the configuration (8080). 0: any free one.'
}

export const HOST: CommandOption = {
  name: 'host',
  value: 'ADDRESS',
  about: 'Listen on this address instead of that of the configuration (all of this machine).'
}

export const LOG_LEVEL: CommandOption = {
  name: 'log-level',
  value: 'LEVEL',
  about:
    'trace, debug, info, warn, error, fatal or silent. Default: PROXY_LOG_LEVEL, else the configuration, else info.'
}

export const JSON_OUTPUT: CommandOption = { name: 'json', about: 'Print JSON.' }

export const CONFIG: CommandOption = {
  name: 'config',
  short: 'c',
  value: 'FILE',
  many: true,
  about:
    'The configuration, a file or URL; several are merged. Default: PROXY_CONFIG_FILE, else gateway.yaml, .yml, .json, .ts, .mjs or .js.'
}
