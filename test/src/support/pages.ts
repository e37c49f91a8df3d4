import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { root } from './workspace.js'

/** Every page of documentation in the repository, from its root. */
export const pages: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'],
  {
    cwd: root,
    encoding: 'utf8'
  }
)
  .split('\n')
  .filter((page) => page !== '' && existsSync(root + page))

/** Pages that show code to users. */
export const guides: readonly string[] = pages.filter((page) =>
  /^(?:README\.md|docs\/.*|(?:packages|examples)\/[^/]+\/README\.md)$/.test(page)
)
