import { userInfo } from 'node:os'
import { ConfigFileError, openHistory } from '@gatewright/config'
import type { Command } from '../command.js'
import { validate } from '../validated.js'
import { existingFolder, revisionIn } from '../versions.js'

export const rollback: Command = {
  name: 'rollback',
  summary: 'Write the files of a configuration that has run',
  usage: 'FOLDER VERSION',
  takes: [2, 2],
  options: [
    { name: 'reason', value: 'TEXT', about: 'Why, for the history.' },
    { name: 'remove', about: 'Remove files that have come into its folders since then.' }
  ],
  about: [
    'FOLDER is that of `gatewright run --history`. The files of the version are checked, and then written as they were, each in one step. A gateway that follows them changes to it; one that is started later begins with it.',
    'What its references stand for, such as those to files of secrets, is not part of a version: it is as it is.'
  ],
  examples: ['gatewright rollback /var/lib/gatewright 7 --reason "too many 503"'],
  exits: { 1: 'the version has problems by what the environment and its secrets are today' },
  async run(input) {
    const { cwd, env, stdout } = input.terminal
    const [folder = '', version = ''] = input.arguments
    const revision = revisionIn(version)
    const history = await openHistory(existingFolder(folder, cwd), { cwd, env })
    try {
      await validate(await history.load(revision))
    } catch (error) {
      if (!(error instanceof ConfigFileError)) throw error
      stdout.write(`${error.message}\n`)
      return 1
    }
    const reason = input.text('reason')
    const { written, removed } = await history.restore(revision, {
      author: userInfo().username,
      reason: `rollback to version ${revision}${reason === undefined ? '' : `: ${reason}`}`,
      remove: input.flag('remove')
    })
    for (const path of written) stdout.write(`written: ${path}\n`)
    for (const path of removed) stdout.write(`removed: ${path}\n`)
    if (written.length + removed.length === 0) stdout.write('the files say that already\n')
    return 0
  }
}
