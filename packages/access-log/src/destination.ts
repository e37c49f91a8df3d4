import { resolve } from 'node:path'
import type { LogSink } from './config/log-sink.js'
import { FileSink, openToAppend } from './file-sink.js'
import type { AccessLogSettings } from './settings.js'
import type { Sink, SinkOptions } from './sink.js'
import { StreamSink } from './stream-sink.js'

/** What names a destination: the whole path of a file, the object, or `null` for standard output. */
export function placeOf({ destination }: AccessLogSettings): string | LogSink | null {
  return typeof destination === 'string' ? resolve(destination) : destination
}

/** Opens the destination of the lines. Throws an error whose message names its problem. */
export function openDestination(settings: AccessLogSettings, options: SinkOptions): Sink {
  const { destination } = settings
  if (typeof destination === 'string') return new FileSink(openFile(destination), options)
  if (destination !== null) {
    if (typeof (destination as Partial<LogSink>).write !== 'function')
      throw new Error('must be a path or an object with write(line)')
    return new StreamSink(destination, options)
  }
  return isPiped(settings)
    ? new FileSink(process.stdout.fd, options)
    : new StreamSink(process.stdout, options)
}

function openFile(path: string): number {
  try {
    return openToAppend(path)
  } catch (error) {
    throw new Error(`'${path}' cannot be written: ${(error as Error).message}`)
  }
}

/**
 * Whether lines go to standard output as a file descriptor. People read along at a terminal; a program that has replaced `write`
 * wants to see the lines; a worker has no descriptor.
 */
export function isPiped({ destination, format }: AccessLogSettings): boolean {
  const { stdout } = process
  return (
    destination === null &&
    format === 'json' &&
    !stdout.isTTY &&
    typeof stdout.fd === 'number' &&
    !Object.hasOwn(stdout, 'write')
  )
}
