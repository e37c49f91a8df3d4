import { authority, closed, duration, typed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const DiscoverySchema = Type.Union(
  [
    Type.Object(
      {
        dns: Type.String({ minLength: 1, description: 'The DNS name to look up.' }),
        type: Type.Optional(
          Type.Union([Type.Literal('A'), Type.Literal('AAAA'), Type.Literal('SRV')], {
            description:
              "Record type: 'A' (default) and 'AAAA' need `port`; 'SRV' records contain ports and weights."
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
            "The authority of the discovered endpoints: sent as Host and, without its port, used as the name for SNI and certificate verification. Default: for 'A' and 'AAAA' the name that was looked up, with the port; for 'SRV' the name and port of each target."
          )
        ),
        server: Type.Optional(
          Type.String({ description: "The DNS server, such as '10.0.0.2:53'. Default: the system's." })
        ),
        minRefresh: Type.Optional(
          duration('Shortest time between two lookups, regardless of the TTL. Default 5s.', {
            least: '10ms'
          })
        ),
        maxRefresh: Type.Optional(
          duration('Longest time between two lookups, regardless of the TTL. Default 5m.', { least: '10ms' })
        )
      },
      { ...closed, title: 'DnsDiscoveryConfig', description: 'Endpoints from DNS.' }
    ),
    Type.Object(
      {
        file: Type.String({
          minLength: 1,
          description:
            'A JSON file with a list of URLs or of { url, weight, authority }; reread within a second of a change, including a change of a symbolic link in its path, and every minute.'
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
      { ...closed, title: 'SourceDiscoveryConfig', description: 'Endpoints from your own code.' }
    )
  ],
  {
    title: 'DiscoveryConfig',
    description: 'Where the endpoints come from: DNS, a file, or code. Default: from `endpoints` alone.'
  }
)

/** What this package adds to the configuration. */
export const keys = { discovery: { on: ['pool'], schema: DiscoverySchema } }

/** Imports of the types that JSON Schema cannot express. */
export const sources = { './callbacks.js': ['DiscoverySource'] }
