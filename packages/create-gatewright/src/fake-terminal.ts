import { PassThrough } from 'node:stream'
import type { Terminal } from './terminal.js'

/** A terminal of tests, and what was written to it. */
export interface FakeTerminal extends Terminal {
  readonly stdin: PassThrough & { isTTY?: boolean }
  /** Everything that was written, to both outputs. */
  text(): string
  /** Answers when a question that contains this text has come. */
  answer(question: string, keys: string): Promise<void>
}

/** Makes one. `isTTY`: somebody sits at it. */
export function fakeTerminal(cwd: string, isTTY = false, env: Terminal['env'] = {}): FakeTerminal {
  const stdin: FakeTerminal['stdin'] = new PassThrough()
  const stdout: PassThrough & { isTTY?: boolean } = new PassThrough()
  const stderr = new PassThrough()
  let text = ''
  let read = 0
  const changed = new Set<() => void>()
  for (const output of [stdout, stderr])
    output.on('data', (chunk) => {
      text += chunk
      for (const tell of changed) tell()
    })
  if (isTTY) {
    stdin.isTTY = true
    stdout.isTTY = true
  }
  return {
    stdin,
    stdout,
    stderr,
    env,
    cwd,
    text: () => text,
    async answer(question, keys) {
      let at = text.indexOf(question, read)
      while (at === -1) {
        await new Promise<void>((resolve) => {
          changed.add(resolve)
        })
        at = text.indexOf(question, read)
      }
      read = at + question.length
      stdin.write(keys)
    }
  }
}
