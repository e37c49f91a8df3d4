import { type Readable, Transform } from 'node:stream'
import { CodingError, decoderOf, encoderOf, FREE_BYTES, GatewayError, type JsonKind } from '@gatewright/core'
import type { JsonEditor } from './json-editor.js'
import { type Encoded, eventsOf, linesOf, TextStream } from './text-stream.js'
import { JsonTooLargeError } from './too-large.js'
import type { BodyLimits } from './whole-body.js'

/** What a stream of lines or events goes through. */
export interface Chain {
  /** Where its bytes go in. */
  readonly first: Transform
  /** Where they come out. */
  readonly last: Readable
}

/** How a chain is made. */
export interface ChainOptions {
  readonly kind: Exclude<JsonKind, 'json'>
  /** Codings to take off, in the order in which they were applied. */
  readonly codings: readonly string[]
  /** Whether they are put on again. */
  readonly recodes: boolean
  readonly limits: BodyLimits
  readonly editor: JsonEditor
  readonly failed: (error: unknown) => Error
}

/** Makes a chain: decoders, what changes the text, encoders. When one of them fails or is destroyed, all of them end. */
export function chainOf({ kind, codings, recodes, limits, editor, failed }: ChainOptions): Chain {
  const encoded: Encoded = { bytes: 0 }
  const pieces = kind === 'lines' ? linesOf(editor, limits.maxBytes) : eventsOf(editor, limits.maxBytes)
  const text = new TextStream(pieces, codings.length === 0 ? null : encoded, limits, failed)
  if (codings.length === 0) return { first: text, last: text }
  const count = passing((bytes) => {
    encoded.bytes += bytes
    return null
  })
  const decoders = codings.toReversed().map(decoderOf)
  const [outer, ...inner] = decoders as [Transform, ...Transform[]]
  // What is between two codings may be a bomb of which the second makes nothing.
  const stages: Transform[] = [count, outer, ...inner.flatMap((one) => [bounded(encoded, limits), one]), text]
  if (recodes) stages.push(...codings.map(encoderOf))
  const last = stages.at(-1) as Transform
  // Nothing at all is no broken coding.
  count.on('end', () => (encoded.bytes === 0 ? text : outer).end())
  for (const [index, stage] of stages.slice(0, -1).entries()) {
    stage.pipe(stages[index + 1] as Transform, { end: stage !== count })
    // What a decoder fails with becomes an answer as well.
    stage.on('error', (error) => last.destroy(error instanceof GatewayError ? error : failed(asTold(error))))
  }
  last.on('close', () => {
    for (const stage of stages) stage.destroy()
  })
  return { first: count, last }
}

function bounded(encoded: Encoded, { maxRatio }: BodyLimits): Transform {
  let decoded = 0
  return passing((bytes) => {
    decoded += bytes
    return decoded > Math.max(FREE_BYTES, encoded.bytes * maxRatio) ? new JsonTooLargeError() : null
  })
}

function passing(counted: (bytes: number) => Error | null): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(counted(chunk.length), chunk)
    }
  })
}

function asTold(error: Error): Error {
  if (error instanceof JsonTooLargeError) return error
  return new CodingError('broken', error.message, { cause: error })
}
