import { type Draft, keysOfNobody, type Options, usersOfNobody } from '../draft.js'
import type { Tree } from '../tree/tree.js'

/** Makes a scheme of each security scheme that is used, once. */
export class Security {
  readonly #definitions: ReadonlyMap<string, Tree>
  readonly #draft: Draft
  readonly #names = new Map<string, string>()

  constructor(definitions: Tree | undefined, draft: Draft) {
    this.#definitions = new Map(definitions?.fields ?? [])
    this.#draft = draft
  }

  /** `auth` and `authorize` for a list of requirements, of which one must hold. */
  of(requirements: Tree): Options {
    const ways = requirements.items.map((each) =>
      each.fields.map(([name, scopes]) => ({ name: this.#scheme(name, each), scopes: scopes.texts }))
    )
    const isOptional = ways.some((way) => way.length === 0)
    const real = ways.filter((way) => way.length > 0)
    if (real.length === 0) return { auth: false }
    const any = real.map((way) => (way.length === 1 ? way[0]?.name : { all: way.map(({ name }) => name) }))
    const [only] = any
    const scopes = real.map((way) => [...new Set(way.flatMap((each) => each.scopes))])
    const authorize =
      scopes.length === 1 ? { scopes: scopes[0] } : { any: scopes.map((each) => ({ scopes: each })) }
    const isDemanding = !isOptional && scopes.every((each) => each.length > 0)
    if (!isDemanding && scopes.some((each) => each.length > 0))
      this.#draft.note(
        'left-out',
        requirements.place,
        'security',
        'scopes of one way in alone: write them into `authorize.any`, by the scheme'
      )
    return {
      auth:
        any.length === 1 && !isOptional && typeof only === 'string'
          ? only
          : {
              ...(any.length === 1 && typeof only === 'object' ? only : { any }),
              ...(isOptional ? { optional: true } : {})
            },
      ...(isDemanding ? { authorize } : {})
    }
  }

  #scheme(name: string, place: Tree): string {
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const id = name.replaceAll(/[^\w-]/g, '-')
    this.#names.set(name, id)
    const definition = this.#definitions.get(name)
    definition?.readAll()
    this.#draft.schemes[id] = this.#made(name, definition, place)
    return id
  }

  #made(name: string, definition: Tree | undefined, place: Tree): Options {
    const type = definition?.get('type')?.text
    const kind = type === 'http' ? definition?.get('scheme')?.text?.toLowerCase() : type
    const tell = (message: string): void =>
      this.#draft.note('closed', (definition ?? place).place, name, message)
    if (kind === 'basic') {
      tell('nobody is let in until authentication.schemes has its users')
      return usersOfNobody()
    }
    if (kind === 'apiKey') {
      tell('nobody is let in until authentication.schemes has the hashes of its keys')
      const field = definition?.get('name')?.text ?? 'x-api-key'
      const where = definition?.get('in')?.text
      return keysOfNobody([
        where === 'query'
          ? { query: field }
          : where === 'cookie'
            ? { cookie: field }
            : { header: field.toLowerCase() }
      ])
    }
    const discovery = definition?.get('openIdConnectUrl')?.text
    const issuer = discovery?.replace(/\/\.well-known\/openid-configuration$/, '')
    tell(
      `nobody is let in until authentication.schemes has ${issuer === undefined ? 'its issuer, its audience and its keys' : 'its audience'}`
    )
    return {
      type: 'jwt',
      issuer: issuer !== undefined && /^https:/.test(issuer) ? issuer : 'https://issuer.invalid',
      audience: 'https://audience.invalid',
      forward: true
    }
  }
}
