import { closed, limit, size } from '@gatewright/core/terms'
import { Type } from 'typebox'

const LevelsSchema = Type.Object(
  {
    br: Type.Optional(
      limit(
        'Quality of Brotli. Default 4. Danger above 6: a second of processor time for a few megabytes.',
        0,
        11
      )
    ),
    gzip: Type.Optional(limit('Level of gzip. Default 6.', 1, 9)),
    zstd: Type.Optional(limit('Level of Zstandard. Default 3.', 1, 19))
  },
  { ...closed, title: 'CompressionLevels', description: 'How hard each coding tries.' }
)

const CompressionSchema = Type.Object(
  {
    encodings: Type.Optional(
      Type.Array(Type.Union([Type.Literal('br'), Type.Literal('gzip'), Type.Literal('zstd')]), {
        minItems: 1,
        maxItems: 3,
        description:
          "The codings, best first; a client's own order goes before. Default br, gzip. zstd needs Node 22.15 or newer."
      })
    ),
    threshold: Type.Optional(
      size(
        'Responses that are known to be smaller are left as they are. Default 1KiB. Those of unknown length are compressed.'
      )
    ),
    types: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^(?:\\*|[a-z0-9][a-z0-9.+-]*)/(?:\\*|\\*\\+[a-z0-9.-]+|[a-z0-9][a-z0-9.+-]*)$',
          rule: 'a media type such as application/json, text/* or application/*+json'
        }),
        {
          minItems: 1,
          maxItems: 100,
          description:
            'Media types that are compressed. Default: text, JSON, XML, JavaScript, SVG, WebAssembly and fonts that are not compressed yet. text/event-stream must be named: each open stream then holds a compressor: about 0.3 MiB for gzip, 0.6 for br, 0.9 for zstd.'
        }
      )
    ),
    levels: Type.Optional(LevelsSchema),
    withSetCookie: Type.Optional(
      Type.Boolean({
        description:
          'Whether responses that set cookies are compressed. Default false. Danger: the length of a compressed response tells whether two parts of it are alike (BREACH).'
      })
    ),
    crossSite: Type.Optional(
      Type.Boolean({
        description:
          'Whether responses are compressed to requests that carry cookies or HTTP authentication and that the page of another site may have made. Default false. Danger: such a page can try out a secret in the response, letter by letter, where the response repeats what it sends (BREACH).'
      })
    )
  },
  { ...closed, title: 'CompressionOptions', description: 'Which responses are compressed, and how.' }
)

const CompressionConfigSchema = Type.Union([CompressionSchema, Type.Boolean()], {
  title: 'CompressionConfig',
  description:
    'Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false.'
})

/** What this package adds to the configuration. */
export const keys = { compression: { on: ['gateway', 'policy', 'route'], schema: CompressionConfigSchema } }
