import { deserialize } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { parseText, type TextRequest } from './parse-text.js'
import type { PackedText, ParsedText, Place } from './parsed-text.js'
import { shownMs, within } from './within.js'

/** Texts of fewer characters are read at once; a thread takes longer to begin. */
const LONGEST_AT_ONCE = 32 * 1024

/** What a text says, with its places when they are asked for. */
export type ReadText = Omit<ParsedText, 'root'> & { readonly root: () => Place }

/**
 * Reads a text of YAML or JSON: a short one at once, a long one in a thread of its own, as that takes seconds for tens of
 * thousands of lines. Rejects when that takes longer than `deadlineMs`.
 */
export async function parseAside(request: TextRequest, deadlineMs: number): Promise<ReadText> {
  if (request.text.length <= LONGEST_AT_ONCE) {
    const parsed = parseText(request)
    return { ...parsed, root: () => parsed.root }
  }
  const worker = new Worker(new URL('./parse-worker.js', import.meta.url), { stdout: true, stderr: true })
  try {
    const answer = new Promise<PackedText>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`the thread that reads it ended with ${code}`)))
    })
    worker.postMessage(request)
    const { parsed, places } = await within(
      answer,
      deadlineMs,
      () => new Error(`it takes longer than ${shownMs(deadlineMs)} to read`)
    )
    let root: Place | null = null
    return { ...parsed, root: () => (root ??= deserialize(places) as Place) }
  } finally {
    void worker.terminate()
  }
}
