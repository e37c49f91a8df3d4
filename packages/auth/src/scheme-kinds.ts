import { apiKeyKind } from './api-key/scheme.js'
import { basicKind } from './basic/scheme.js'
import { customKind } from './custom/scheme.js'
import { forwardKind } from './forward/scheme.js'
import { introspectionKind } from './introspection/scheme.js'
import { jwtKind } from './jwt/scheme.js'
import { mtlsKind } from './mtls/scheme.js'
import type { SchemeKind } from './scheme.js'
import { signatureKind } from './signature/scheme.js'
import { webhookKind } from './signature/webhook.js'

/** Every kind of scheme there is. */
const KINDS: readonly SchemeKind[] = [
  apiKeyKind,
  basicKind,
  customKind,
  forwardKind,
  introspectionKind,
  jwtKind,
  mtlsKind,
  signatureKind,
  webhookKind
]

const byType = new Map(KINDS.map((kind) => [kind.type, kind]))

/** The kind of a configured scheme; `undefined` for one whose shape was never checked, as its name is none. */
export function kindOf({ type }: { readonly type: string }): SchemeKind | undefined {
  return byType.get(type)
}
