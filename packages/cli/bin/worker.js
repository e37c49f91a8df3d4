// A worker of `gatewright run --workers`.
import { runWorker } from '../lib/index.js'

runWorker(process.argv[2])
