import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { Scraped } from '../support/scraped.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 60_000 }

test(
  'endpoints that come and go by the thousand: those of now have their own names in every family, and the rest are bounded',
  bounded,
  async (t) => {
    const most = 6
    const upstream = await fakeUpstream(t, {})
    const { url, gateway } = await startGateway(t, {
      pools: {
        // One that gets no request and stays, as another's comings and goings are none of its business.
        quiet: { endpoints: [`${upstream.url}/quiet`] },
        app: { endpoints: [`${upstream.url}/a-0`, `${upstream.url}/b-0`], balancing: 'round-robin' }
      },
      routes: [
        { path: '/quiet', pool: 'quiet' },
        { path: '/*', pool: 'app' }
      ],
      probes: { port: 0, host: '127.0.0.1' },
      metrics: { maxLabelValues: most }
    })
    const scrape = async (): Promise<Scraped> =>
      new Scraped(await (await fetch(`http://127.0.0.1:${gateway.probePort}/metrics`)).text())
    const pool = gateway.app.gateway.pool('app')
    for (let n = 1; n <= 2_000; n++) {
      const current = [`${upstream.url}/a-${n}`, `${upstream.url}/b-${n}`]
      pool.replaceEndpoints(current)
      if (n % 20 !== 0) continue
      for (let requests = 0; requests < 2; requests++) await (await fetch(`${url}/x`)).text()
      if (n % 100 !== 0) continue
      const shown = await scrape()
      for (const [id, endpoint] of [
        ['app', current[0]],
        ['app', current[1]],
        ['quiet', `${upstream.url}/quiet`]
      ] as const) {
        const labels = `{pool="${id}",endpoint="${endpoint}"}`
        const expected = id === 'app' ? 1 : 0
        assert.equal(shown.value(`proxy_upstream_requests_total${labels}`), expected, labels)
        assert.equal(shown.value(`proxy_upstream_in_flight${labels}`), 0, labels)
        assert.notEqual(shown.value(`proxy_upstream_connections${labels}`), undefined, labels)
      }
      const names = new Set([...shown.text.matchAll(/endpoint="([^"]*)"/g)].map(([, name]) => name))
      assert.ok(names.size <= most + 1, [...names].join(' '))
      assert.ok(!names.has('other'), 'nobody is left without a name')
    }
  }
)
