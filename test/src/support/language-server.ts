import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.js'

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly items?: readonly unknown[] }
  readonly result?: unknown
}

/** TypeScript's language server, as an editor talks to it, with one file open that is on no disk. */
export interface LanguageServer {
  /** What an editor shows for the first occurrence of `word` behind `after`. */
  hover(word: string, after?: string): Promise<string>
}

/** Starts it for a file of the test project; it ends with the test. */
export async function languageServer(t: TestContext, text: string): Promise<LanguageServer> {
  const bin = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const server = spawn(process.execPath, [bin, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  t.after(() => server.kill())
  const answers = new Map<number, (result: unknown) => void>()
  let pending = Buffer.alloc(0)
  let asked = 0

  function send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }))
    server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`)
    server.stdin.write(body)
  }
  function ask(method: string, params: object): Promise<unknown> {
    send({ id: ++asked, method, params })
    return new Promise((resolve) => answers.set(asked, resolve))
  }
  function take(message: Message): void {
    if (message.id === undefined) return
    // What the server asks of an editor, such as its settings: nothing is known.
    if (message.method !== undefined)
      send({ id: message.id, result: message.params?.items?.map(() => null) ?? null })
    else answers.get(message.id)?.(message.result)
  }
  server.stdout.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes])
    for (;;) {
      const end = pending.indexOf('\r\n\r\n')
      const size = Number(/Content-Length: (\d+)/.exec(pending.subarray(0, end).toString())?.[1])
      if (end < 0 || pending.length < end + 4 + size) return
      const message = JSON.parse(pending.subarray(end + 4, end + 4 + size).toString()) as Message
      pending = pending.subarray(end + 4 + size)
      take(message)
    }
  })

  const uri = pathToFileURL(`${root}test/src/open-in-an-editor.ts`).href
  await ask('initialize', { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: {} })
  send({ method: 'initialized', params: {} })
  send({
    method: 'textDocument/didOpen',
    params: { textDocument: { uri, languageId: 'typescript', version: 1, text } }
  })
  return {
    async hover(word, after = '') {
      const lines = text.slice(0, text.indexOf(word, text.indexOf(after))).split('\n')
      const position = { line: lines.length - 1, character: (lines.at(-1) as string).length }
      const shown = (await ask('textDocument/hover', { textDocument: { uri }, position })) as {
        readonly contents: { readonly value: string }
      } | null
      return shown?.contents.value ?? ''
    }
  }
}
