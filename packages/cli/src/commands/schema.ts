import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from '../command.js'

export const schema: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of a configuration',
  usage: '',
  takes: [0, 0],
  options: [{ name: 'path', about: 'Print where the file is instead.' }],
  about: [
    'Editors complete and explain keys by it: let a YAML file begin with `# yaml-language-server: $schema=` and the path, or a JSON file with a "$schema" key.'
  ],
  examples: ['gatewright schema > gateway.schema.json'],
  async run({ flag, terminal: { stdout } }) {
    const path = fileURLToPath(import.meta.resolve('@gatewright/config/gateway.schema.json'))
    stdout.write(flag('path') ? `${path}\n` : readFileSync(path, 'utf8'))
    return 0
  }
}
