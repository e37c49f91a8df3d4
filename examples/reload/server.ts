import { readFileSync } from 'node:fs'
import { createGateway } from '@gatewright/gateway'
import { watchText } from './watch-text.js'

const { CONFIG = 'gateway.json', PORT = '8080' } = process.env

const first = readFileSync(CONFIG, 'utf8')
const gateway = createGateway(JSON.parse(first))
await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })
const { log } = gateway.app

watchText(CONFIG, first, async (text) => {
  try {
    const { revision } = await gateway.apply(JSON.parse(text))
    log.info({ revision }, 'the new configuration runs')
  } catch (error) {
    // Whatever is wrong with it, the gateway goes on as it was.
    log.error({ problems: (error as Error).message }, 'the new configuration is refused')
  }
})
