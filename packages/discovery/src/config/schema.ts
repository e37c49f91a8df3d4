import { authority, closed, duration, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const DiscoverySchema = Type.Union(
  [
    Type.Object(
      {
        dns: Type.String({ minLength: 1, description: 'The name to look up.' }),
        type: Type.Optional(
          Type.Union([Type.Literal('A'), Type.Literal('AAAA'), Type.Literal('SRV')], {
            description: "'A' (default) and 'AAAA' need `port`; 'SRV' brings ports and weights."
          })
        ),
        port: Type.Optional(
          Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of each address.' })
        ),
        protocol: Type.Optional(
          Type.Union([Type.Literal('http'), Type.Literal('https')], { description: 'Default http.' })
        ),
        authority: Type.Optional(
          authority(
            "Sent as Host to what is found, and without its port the name for SNI and verification. Default: for addresses the name that was looked up, with the port; for 'SRV' each target's own name and port."
          )
        ),
        server: Type.Optional(
          Type.String({ description: "The DNS server, such as '10.0.0.2:53'. Default: the system's." })
        ),
        minRefresh: Type.Optional(
          duration('Shortest time between two look-ups, whatever the TTL says. Default 5s.', {
            least: '10ms'
          })
        ),
        maxRefresh: Type.Optional(
          duration('Longest time between two look-ups, whatever the TTL says. Default 5m.', { least: '10ms' })
        )
      },
      { ...closed, title: 'DnsDiscoveryConfig', description: 'Endpoints from DNS.' }
    ),
    Type.Object(
      {
        file: Type.String({
          minLength: 1,
          description:
            'A JSON file with a list of URLs or of { url, weight, authority }; read again within a second of a change, links on the way to it included, and every minute.'
        })
      },
      { ...closed, title: 'FileDiscoveryConfig', description: 'Endpoints from a file.' }
    ),
    Type.Object(
      {
        source: typed('DiscoverySource', {
          description: 'A function that returns an async iterable of endpoint lists. Code only.'
        })
      },
      { ...closed, title: 'SourceDiscoveryConfig', description: 'Endpoints from code of your own.' }
    )
  ],
  {
    title: 'DiscoveryConfig',
    description: 'Where the endpoints come from: DNS, a file, or code. Default: from `endpoints` alone.'
  }
)

/** What this package adds to the configuration. */
export const keys = { discovery: { on: ['pool'], schema: DiscoverySchema } }

/** Where the types are from that only TypeScript can say. */
export const sources = { './callbacks.js': ['DiscoverySource'] }
