import { openHistory } from '@gatewright/config'
import type { Command } from '../command.js'
import { columns } from '../layout.js'
import { JSON_OUTPUT } from '../shared-options.js'
import { existingFolder, revisionIn } from '../versions.js'

export const history: Command = {
  name: 'history',
  summary: 'List the configurations that have run, or print one',
  usage: 'FOLDER [VERSION]',
  takes: [1, 2],
  options: [JSON_OUTPUT],
  about: [
    'FOLDER is that of `gatewright run --history`. VERSION is the number of one; its files are printed as they were written.',
    'A configuration that is code, that came from a server, or that has a secret in clear is listed, but its content is not kept.'
  ],
  examples: ['gatewright history /var/lib/gatewright', 'gatewright history /var/lib/gatewright 7'],
  async run(input) {
    const { cwd, stdout } = input.terminal
    const [folder = '', version] = input.arguments
    const history = await openHistory(existingFolder(folder, cwd), { cwd })
    const json = (value: unknown): void => void stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    if (version !== undefined) {
      const content = await history.content(revisionIn(version))
      if (input.flag('json')) json(content)
      else for (const [path, text] of Object.entries(content.files)) stdout.write(`# ${path}\n${text}\n`)
      return 0
    }
    const versions = await history.versions()
    if (input.flag('json')) json(versions)
    else
      stdout.write(
        `${columns([
          ['VERSION', 'SINCE                     BY, FROM AND WHY'],
          ...versions.map(({ revision, at, author, source, reason, missing }) => [
            String(revision),
            [at, author, source, reason, missing === null ? null : `not kept: ${missing}`]
              .filter((part) => part !== null)
              .join('  ')
          ])
        ])}\n`
      )
    return 0
  }
}
