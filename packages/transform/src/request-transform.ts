import type { EditedRequest, RequestEdit } from '@gatewright/core'
import type { HeadersEdit } from './headers/headers-edit.js'
import type { TransformSettings } from './settings.js'

/** A transform of requests, as the forwarder asks for it. */
export class RequestTransform implements RequestEdit {
  readonly name = 'transform headers'
  readonly isEmpty: boolean
  readonly #headers: HeadersEdit | null

  constructor({ requestHeaders }: TransformSettings) {
    this.#headers = requestHeaders
    this.isEmpty = requestHeaders === null
  }

  headers(fields: readonly string[], request: EditedRequest): readonly string[] {
    return this.#headers === null ? fields : this.#headers.apply(fields, request)
  }
}
