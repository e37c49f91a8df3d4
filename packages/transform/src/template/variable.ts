import type { EditedRequest } from '@gatewright/core'

/** The response that is changed, as variables see it. */
export interface AnswerSource {
  /** `127.0.0.1:8080`; `''` for a response of the gateway's own. */
  readonly endpoint: string
  readonly status: number
}

/**
 * What its characters are. `safe`: visible ASCII that no client has chosen. `wire`: bytes of a header field as received, a
 * character each, which the parser has checked. `text`: any characters at all. `path`: a canonical path. `segments`: decoded
 * segments of a path, with slashes between them.
 */
export type VariableKind = 'safe' | 'wire' | 'text' | 'path' | 'segments'

/** What a template can name. */
export interface Variable {
  readonly kind: VariableKind
  /** `''` where there is no value. `answer`: `null` for requests. */
  read(request: EditedRequest, answer: AnswerSource | null): string
  /** The path parameter that it stands for; `null` for none. */
  readonly param: string | null
}

/** Makes a variable. */
export function variable(kind: VariableKind, read: Variable['read'], param: string | null = null): Variable {
  return { kind, read, param }
}
