// `npm start`: makes the clone ready, then runs the demo in this process, so that signals and exit codes are its own.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { setupOrExit } from './setup.mjs'

const demo = new URL('../examples/demo/dist/main.js', import.meta.url)

await setupOrExit()
if (existsSync(demo)) {
  process.argv[1] = fileURLToPath(demo)
  await import(demo.href)
} else {
  process.stderr.write('start: examples/demo is not there, so there is nothing to start\n')
  process.exitCode = 1
}
