import { createSecureContext, type SecureContext } from 'node:tls'
import type { TlsSettings } from '@gatewright/core'

/** TLS to the endpoints of a pool. What its material comes to is worked out once, when it is first needed. */
export class TlsContext {
  readonly settings: TlsSettings
  #context: SecureContext | null = null

  constructor(settings: TlsSettings) {
    this.settings = settings
  }

  /** Throws where the material cannot be used. */
  get context(): SecureContext {
    const { rejectUnauthorized: _, servername: __, ...material } = this.settings
    this.#context ??= createSecureContext(material)
    return this.#context
  }
}
