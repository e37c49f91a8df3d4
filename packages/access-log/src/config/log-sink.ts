/** Where access-log lines go: anything with `write`, such as a Writable or `process.stdout`. */
export interface LogSink {
  write(line: string): unknown
}
