import { parentPort } from 'node:worker_threads'
import { parseText, type TextRequest } from './parse-text.js'
import { packed } from './parsed-text.js'

// A thread that reads one text: the event loop of the gateway goes on meanwhile.
parentPort?.once('message', (request: TextRequest) => {
  const { parsed, places } = packed(parseText(request))
  parentPort?.postMessage({ parsed, places }, [places.buffer])
})
