import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import type { TestContext } from 'node:test'
import { main } from 'gatewright'

/** What a command line has printed, and its exit code. */
export interface Printed {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in a folder of its own with these files, by their names. */
export async function gatewright(
  t: TestContext,
  argv: readonly string[],
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = {}
): Promise<Printed> {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-cli-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  const printed = { out: '', err: '' }
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        printed[name] += chunk
        done()
      }
    })
  const code = await main(argv, {
    stdout: into('out'),
    stderr: into('err'),
    log: into('out'),
    stdin: null,
    env,
    cwd,
    interactive: false,
    failed: () => {},
    onSignal: () => () => {}
  })
  return { code, ...printed }
}
