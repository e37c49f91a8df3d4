import type { LogSink } from './config/log-sink.js'
import { FileSink, openToAppend } from './file-sink.js'
import type { AccessLogSettings } from './settings.js'
import type { Sink, SinkOptions } from './sink.js'
import { StreamSink } from './stream-sink.js'

/** Opens where the lines go. Throws an error whose message says what is wrong with the destination. */
export function openDestination({ destination, format }: AccessLogSettings, options: SinkOptions): Sink {
  if (typeof destination === 'string') return new FileSink(openFile(destination), options)
  if (destination !== null) {
    if (typeof (destination as Partial<LogSink>).write !== 'function')
      throw new Error('must be a path or an object with write(line)')
    return new StreamSink(destination, options)
  }
  return isPiped(format) ? new FileSink(process.stdout.fd, options) : new StreamSink(process.stdout, options)
}

function openFile(path: string): number {
  try {
    return openToAppend(path)
  } catch (error) {
    throw new Error(`'${path}' cannot be written: ${(error as Error).message}`)
  }
}

// People read along at a terminal. Whoever has replaced `write` wants to see the lines; a worker has no descriptor.
function isPiped(format: AccessLogSettings['format']): boolean {
  const { stdout } = process
  return (
    format === 'json' && !stdout.isTTY && typeof stdout.fd === 'number' && !Object.hasOwn(stdout, 'write')
  )
}
