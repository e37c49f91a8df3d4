import { isSecretName } from '@gatewright/core'

const SECRET = /^(?:authorization|proxy-authorization|cookie|set-cookie)$/

/** Whether a header field may carry what no log should. */
export function isSecretHeader(name: string): boolean {
  return SECRET.test(name) || isSecretName(name)
}
