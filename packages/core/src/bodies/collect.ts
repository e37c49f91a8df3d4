import type { Readable } from 'node:stream'

/** The whole of a stream of bytes; `null` for more than `most`, after which it stands still. Rejects when it breaks off. */
export function collect(source: Readable, most: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (): void => {
      source.off('data', onData).off('end', onEnd).off('close', onClose)
    }
    const onData = (data: Buffer | string): void => {
      const chunk = Buffer.isBuffer(data) ? data : Buffer.from(data)
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes <= most) return
      settle()
      source.pause()
      resolve(null)
    }
    const onEnd = (): void => {
      settle()
      resolve(Buffer.concat(chunks, bytes))
    }
    const onClose = (): void => {
      settle()
      reject(source.errored ?? new Error('the stream broke off'))
    }
    // One that breaks off is told of when it closes.
    source.on('error', () => {})
    source.on('data', onData).on('end', onEnd).on('close', onClose)
    if (source.destroyed) onClose()
  })
}
