import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  type AccessLogLine,
  createGateway,
  type GatewayBuilder,
  type GatewayServerConfig
} from '@gatewright/gateway'
import { eventually } from './eventually.js'
import { Scraped } from './scraped.js'

/** A gateway that listens, with everything that it tells of its requests; made by {@link recordedGateway}. */
export interface RecordedGateway {
  readonly gateway: GatewayBuilder
  readonly url: string
  readonly port: number
  /** Lines of the access log so far. */
  readonly lines: readonly AccessLogLine[]
  /** The application's log so far. */
  readonly logged: readonly Readonly<Record<string, unknown>>[]
  /** The `n`th line of the access log from 1, as soon as it is written. */
  line(n: number): Promise<AccessLogLine>
  /** The value of a series. */
  metric(series: string): Promise<number | undefined>
}

/** Starts a gateway with access log, metrics, flight recorder and application log, cut off when the test ends. */
export async function recordedGateway(
  t: TestContext,
  config: GatewayServerConfig,
  before: (gateway: GatewayBuilder) => void = () => {}
): Promise<RecordedGateway> {
  const lines: AccessLogLine[] = []
  const logged: Record<string, unknown>[] = []
  const gateway = createGateway({
    logger: { level: 'info', stream: { write: (line: string) => void logged.push(JSON.parse(line)) } },
    accessLog: { destination: { write: (line: string) => void lines.push(JSON.parse(line)) } },
    metrics: { listener: 'app' },
    flightRecorder: true,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    ...config
  } as GatewayServerConfig) as GatewayBuilder
  before(gateway)
  t.after(() => gateway.close())
  const url = await gateway.listen({ port: 0, host: '127.0.0.1' })
  return {
    gateway,
    url,
    port: Number(new URL(url).port),
    lines,
    logged,
    async line(n) {
      await eventually(async () => assert.ok(lines.length >= n, `${lines.length} of ${n} lines`))
      return lines[n - 1] as AccessLogLine
    },
    async metric(series) {
      return new Scraped((await gateway.app.metrics.show()).body).value(series)
    }
  }
}
