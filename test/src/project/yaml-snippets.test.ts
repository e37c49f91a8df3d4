import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blocksOf } from '../support/markdown.js'
import { guides } from '../support/pages.js'
import { runCommand } from '../support/run-command.js'
import { read } from '../support/workspace.js'

/** A whole configuration: parts of one, and files of other programs, have no routes at their top. */
const WHOLE = /^routes:/m
/** Code that a program registers, which the command cannot know. */
const FUNCTION = /"?\$\{function:\w+\}"?/g

for (const page of guides)
  for (const { code, info, line } of blocksOf(read(page)))
    if (info === 'yaml' && WHOLE.test(code))
      test(`${page}:${line} is a configuration without problems`, async (t) => {
        const { code: exit, err } = await runCommand(t, ['check', '--fail-on', 'never'], {
          'gateway.yaml': code.replaceAll(FUNCTION, '[]')
        })
        assert.deepEqual([exit, err], [0, ''])
      })
