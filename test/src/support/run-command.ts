import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { main } from 'gatewright'

/** What a command gave. */
export interface CommandOutput {
  readonly code: number
  readonly out: string
  readonly err: string
  /** The folder that it ran in. */
  readonly cwd: string
}

/** Runs a command line of `gatewright` in this process, in a folder of its own with these files. */
export async function runCommand(
  t: TestContext,
  argv: readonly string[],
  files: Readonly<Record<string, string>> = {}
): Promise<CommandOutput> {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-command-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const written = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += chunk
        done()
      }
    })
  const code = await main(argv, {
    stdout: into('out'),
    stderr: into('err'),
    log: into('out'),
    stdin: null,
    env: {},
    cwd,
    interactive: false,
    failed: () => {},
    onSignal: () => () => {}
  })
  return { code, ...written, cwd }
}
