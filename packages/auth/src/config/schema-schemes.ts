import { byKind } from '@gatewright/core/terms'
import { ApiKeyScheme } from './schema-api-key.js'
import { BasicScheme } from './schema-basic.js'
import { CustomScheme } from './schema-custom.js'
import { ForwardScheme } from './schema-forward.js'
import { IntrospectionScheme } from './schema-introspection.js'
import { JwtScheme } from './schema-jwt.js'
import { MtlsScheme } from './schema-mtls.js'
import { SignatureScheme, WebhookScheme } from './schema-signature.js'

/** A scheme, of one kind or another: each kind brings its own schema. */
export const schemes: object = byKind('type', [
  ApiKeyScheme,
  BasicScheme,
  CustomScheme,
  ForwardScheme,
  IntrospectionScheme,
  JwtScheme,
  MtlsScheme,
  SignatureScheme,
  WebhookScheme
])
