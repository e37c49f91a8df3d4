// Times the start of a candidate (first argument: its script, which listens before its import resolves), prints, ends.
import { pathToFileURL } from 'node:url'

const begin = performance.now()
await import(pathToFileURL(process.argv[2]))
const end = performance.now()
const rssMiB = process.memoryUsage.rss() / 1024 ** 2
process.stdout.write(`${JSON.stringify({ importMs: end - begin, sinceBootMs: end, rssMiB })}\n`, () =>
  process.exit(0)
)
