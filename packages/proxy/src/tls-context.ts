import { createSecureContext, type SecureContext } from 'node:tls'
import type { TlsSettings } from '@gatewright/core'

/** TLS to the endpoints of a pool. The secure context is built once, on first use. */
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
