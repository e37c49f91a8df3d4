import { buildGateway } from './gateway.js'
import { readSettings } from './settings.js'

try {
  const settings = readSettings(process.env)
  const upstreams = settings.upstreams.length > 0 ? settings.upstreams : await demoUpstreams()
  const gateway = buildGateway({ ...settings, upstreams })
  const url = await gateway.listen({ port: settings.port })
  if (!settings.production) console.error(`The gateway answers on ${url}; Ctrl-C stops it`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** So that `npm start` answers before there is a service. Delete it with the folder `demo`. */
async function demoUpstreams(): Promise<string[]> {
  const { DemoUpstream } = await import('../demo/upstream.js')
  const upstreams = await Promise.all(['a', 'b'].map((name) => new DemoUpstream(name).start()))
  console.error('UPSTREAMS is not set: two demonstration upstreams answer')
  return upstreams.map(({ url }) => url)
}
