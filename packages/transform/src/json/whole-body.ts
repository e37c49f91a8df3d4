import { decodeBody, jsonText } from '@gatewright/core'
import type { JsonEditor } from './json-editor.js'
import { JsonTooLargeError } from './too-large.js'

/** What a body may be. */
export interface BodyLimits {
  readonly maxBytes: number
  readonly maxRatio: number
}

/** A body after its operations, without codings; `null` where nothing has changed. */
export function editBody(
  bytes: Buffer,
  codings: readonly string[],
  limits: BodyLimits,
  editor: JsonEditor
): Buffer | null | Promise<Buffer | null> {
  if (codings.length > 0)
    return decodeBody(bytes, codings, limits).then((plain) => editBody(plain, [], limits, editor))
  if (bytes.length > limits.maxBytes) throw new JsonTooLargeError()
  const text = editor.edit(jsonText(bytes))
  return text instanceof Promise ? text.then((later) => bytesOf(later, limits)) : bytesOf(text, limits)
}

function bytesOf(text: string | null, { maxBytes }: BodyLimits): Buffer | null {
  if (text === null) return null
  const bytes = Buffer.from(text)
  if (bytes.length > maxBytes) throw new JsonTooLargeError()
  return bytes
}
