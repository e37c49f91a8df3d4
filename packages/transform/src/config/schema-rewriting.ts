import { closed } from '@gatewright/core/terms'
import { Type } from 'typebox'

const LocationOptionsSchema = Type.Object(
  {
    hosts: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description:
          "Further hosts by which the upstream calls itself, such as 'users.internal' (on any port) or 'users.internal:8080'. Default: the endpoint's, what `Host` said, and the client's own."
      })
    ),
    paths: Type.Optional(
      Type.Union([Type.Literal('upstream'), Type.Literal('client')], {
        description:
          "Whose paths the upstream writes. 'upstream' (default): its own, so that the route's `rewrite` is undone. 'client': those of the gateway, which it knows; only the origin is changed."
      })
    )
  },
  {
    ...closed,
    title: 'LocationTransform',
    description: 'How URLs of upstreams are turned into those of clients.'
  }
)

/** Rewriting of the URLs in a response's head. */
export const LocationSchema = Type.Union([Type.Literal(true), LocationOptionsSchema], {
  description:
    "Turn what `Location`, `Content-Location` and `Refresh` name at the upstream into what the client can ask: the gateway's origin as the client sees it, and the path before the route's `rewrite`. Other hosts stay. The origin is what the client says in `Host`: give routes a `host` where others could make a cache store it."
})

const sameSite = Type.Union([Type.Literal('strict'), Type.Literal('lax'), Type.Literal('none')])

const domain = Type.Union([Type.Literal(false), Type.String({ minLength: 1 })])

const CookieOptionsSchema = Type.Object(
  {
    names: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: "The cookies that are meant; 'app_*' is a prefix. Default: all."
      })
    ),
    path: Type.Optional(
      Type.Union([Type.Literal(true), Type.String({ minLength: 1 })], {
        description:
          "true: undo the route's `rewrite` in `Path`. A path: the new `Path`, also where there is none."
      })
    ),
    domain: Type.Optional(
      Type.Union([domain, Type.Record(Type.String(), domain, { minProperties: 1 })], {
        description:
          "false: no `Domain`, so that the cookie is that of the host alone. A domain: takes the place of one that is there; danger: all its hosts get the cookie. By old domain: `{ 'internal.example': 'example.com', '*': false }`."
      })
    ),
    secure: Type.Optional(
      Type.Boolean({
        description:
          "Add or remove `Secure`. It is not removed from cookies that need it: '__Host-', '__Secure-', 'SameSite=None', 'Partitioned'."
      })
    ),
    sameSite: Type.Optional(
      Type.Union([sameSite], { description: "`SameSite` for every cookie. 'none' needs `secure: true`." })
    ),
    httpOnly: Type.Optional(Type.Boolean({ description: 'Add or remove `HttpOnly`.' }))
  },
  {
    ...closed,
    minProperties: 1,
    title: 'CookieTransform',
    description: "What is changed in upstreams' cookies."
  }
)

/** Rewriting of `Set-Cookie`. */
export const CookiesSchema = Type.Union(
  [Type.Literal(true), CookieOptionsSchema, Type.Array(CookieOptionsSchema, { minItems: 1 })],
  {
    description:
      "Change the `Set-Cookie` lines of upstreams: true for `{ path: true, domain: false }`; of a list, the first one that means the cookie. Path and domain of '__Host-' cookies stay."
  }
)
