import { type FakeUpstream, fakeUpstream, type TestScope } from '@gatewright/testing'

/** A span as OTLP over HTTP sends it in JSON (opentelemetry-proto, trace/v1). */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
  readonly events: readonly { readonly name: string }[]
  readonly status: { readonly code?: number }
}

/** A collector of traces: a real HTTP server that keeps what it is sent. */
export class TraceReceiver {
  readonly #server: FakeUpstream

  private constructor(server: FakeUpstream) {
    this.#server = server
  }

  static async start(t: TestScope): Promise<TraceReceiver> {
    return new TraceReceiver(
      await fakeUpstream(t, { body: '{}', headers: { 'content-type': 'application/json' } })
    )
  }

  get url(): string {
    return `${this.#server.url}/v1/traces`
  }

  /** Every span received so far. */
  get spans(): ReceivedSpan[] {
    return this.#server.requests.flatMap(({ body }) => spansOf(JSON.parse(body.toString())))
  }
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: ReceivedSpan[] }[] }[]
}

function spansOf({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
}

/** An attribute's value. */
export function attribute(span: ReceivedSpan, name: string): unknown {
  const value = span.attributes.find(({ key }) => key === name)?.value
  return value === undefined ? undefined : Object.values(value)[0]
}
