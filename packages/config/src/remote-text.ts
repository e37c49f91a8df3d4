import { resolve } from 'node:path'
import { decodeText } from './decode-text.js'
import { merge } from './merge.js'
import { valueIn } from './named-value.js'
import { parseData } from './parse-data.js'
import type { FileProblem } from './problems.js'
import type { RecordedPlace } from './read-record.js'
import { redacted } from './redacted.js'
import type { FileContent } from './references.js'
import type { SourceContext, SourceRead } from './source.js'
import { SourceText } from './source-text.js'

/** A text that came from elsewhere than from a file. */
export interface RemoteText {
  /** What it is called in problems. */
  readonly name: string
  /** What it is recorded by. */
  readonly address: string
  readonly content: string | Uint8Array
  readonly isJson: boolean
  /** Whether references to the environment, files and functions of this machine are looked up. */
  readonly references: boolean
}

/** Reads a configuration that came from elsewhere. It includes no files. Never rejects. */
export async function readRemote(
  { name, address, content, isJson, references }: RemoteText,
  context: SourceContext,
  fingerprint: string,
  memory: unknown
): Promise<SourceRead> {
  const problems: FileProblem[] = []
  const secrets = new Set<string>()
  let text = ''
  try {
    text = typeof content === 'string' ? content : decodeText(content)
  } catch (error) {
    problems.push({ path: '', message: `${name} ${(error as Error).message}` })
  }
  const source = new SourceText(name, text)
  const texts = [source]
  const recorded: Record<string, RecordedPlace> = {}
  const document =
    problems.length > 0
      ? null
      : await parseData(source, isJson, { ...context, secrets, references, readFile }, problems).catch(
          (error) => {
            problems.push({ path: '', message: `${name}: ${(error as Error).message}` })
            return null
          }
        )
  if (document?.value.include !== undefined) {
    const position = document.locate('include')
    problems.push({
      path: 'include',
      message: 'what does not come from a file includes no files',
      ...(position === undefined ? {} : { position })
    })
  }
  const merged = merge(document === null ? [] : [document], problems)
  const places = new Set<string>()
  const part =
    problems.length > 0
      ? null
      : { merged, texts, places, secrets, fingerprint, recorded: { ...recorded, [address]: { text } } }
  return { part, problems: redacted(problems, secrets), texts, fingerprint, memory }

  async function readFile(named: string): Promise<FileContent> {
    const path = resolve(context.cwd, named)
    const found = await valueIn(path, context.deadlineMs, context.replay)
    recorded[path] = found
    return found
  }
}
