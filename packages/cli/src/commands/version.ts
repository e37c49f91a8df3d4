import { readFileSync } from 'node:fs'
import type { Command } from '../command.js'
import { JSON_OUTPUT } from '../shared-options.js'

export const version: Command = {
  name: 'version',
  summary: 'Say which version this is',
  usage: '',
  takes: [0, 0],
  options: [JSON_OUTPUT],
  about: [],
  examples: [],
  async run({ flag, terminal: { stdout } }) {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    const { version: gatewright } = manifest as { version: string }
    const { platform, arch } = process
    const node = process.versions.node
    stdout.write(
      flag('json')
        ? `${JSON.stringify({ gatewright, node, platform, arch })}\n`
        : `gatewright ${gatewright}, Node ${node}, ${platform} ${arch}\n`
    )
    return 0
  }
}
