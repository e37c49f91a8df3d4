import type { Transform } from 'node:stream'

/** What a body is told to be of which bytes follow the end of its coding. */
export const TRAILING = 'bytes follow its end'

/**
 * Makes a decoder of Node fail where bytes follow the end of what is encoded. Left alone, it ends without a word and asks for
 * no more, so that whoever feeds it waits for ever; and a reader that goes on behind the end sees something else.
 */
export function refusingTrailing<Decoder extends Transform>(decoder: Decoder): Decoder {
  decoder.once('end', () => {
    // It has not taken all of the last piece.
    if (decoder.writableLength > 0) decoder.destroy(new Error(TRAILING))
  })
  return decoder
}
