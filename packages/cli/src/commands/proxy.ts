import { createGateway } from '@gatewright/gateway'
import { type Command, UsageError } from '../command.js'
import { type ListenAddress, readAddress } from '../listen-address.js'
import { overridden, readOverrides } from '../overrides.js'
import { LOG_LEVEL } from '../shared-options.js'

export const proxy: Command = {
  name: 'proxy',
  summary: 'Run a reverse proxy without a file',
  usage: '--to URL [--from [ADDRESS]:PORT]',
  takes: [0, 0],
  options: [
    {
      name: 'from',
      short: 'f',
      value: '[ADDRESS]:PORT',
      about: 'Where it listens. Default :8080, on all addresses.'
    },
    { name: 'to', short: 't', value: 'URL', many: true, about: 'Where requests go; several are balanced.' },
    LOG_LEVEL
  ],
  about: [
    'All requests are forwarded, with the defaults of a gateway: time limits, health by outliers, forwarding headers, request ids.'
  ],
  examples: [
    'gatewright proxy --from :8080 --to http://localhost:3000',
    'gatewright proxy --to http://10.0.0.1:3000 --to http://10.0.0.2:3000'
  ],
  async run(input) {
    const endpoints = input.texts('to')
    if (endpoints.length === 0) throw new UsageError('--to is missing: the URL that requests go to')
    const gateway = createGateway(
      overridden(
        { pools: { main: { endpoints: [...endpoints] } }, routes: [{ id: 'all', path: '/*', pool: 'main' }] },
        { ...readOverrides(input), ...placeOf(input.text('from') ?? ':8080') }
      )
    )
    const closed = new Promise<void>((resolve) => gateway.app.addHook('onClose', async () => resolve()))
    await gateway.listen()
    await closed
    return 0
  }
}

function placeOf(text: string): ListenAddress {
  const address = readAddress(text)
  if (address === null)
    throw new UsageError(`--from: '${text}' must be [ADDRESS]:PORT, such as :8080 or 127.0.0.1:8080`)
  return address
}
