/**
 * Whether a header field, a query key or the like of this name usually holds a secret: by what it ends with, as there is no
 * end of prefixes (`x-auth-token`, `id_token`, `clientSecret`, `db.pwd`), a number behind it left out. In any letter case.
 * It is for what is shown, and errs on the side of showing less.
 */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll('-', '_').replace(NUMBER, '')
  return WORDS.has(plain) || ENDINGS.test(plain)
}

const NUMBER = /_?\d{1,4}$/

/** Names that say so only when they are all there is: `code`, but not `zipcode`. */
const WORDS: ReadonlySet<string> = new Set([
  'code',
  'cvc',
  'cvv',
  'dpop',
  'key',
  'mac',
  'pin',
  'sec_websocket_protocol',
  'sess',
  'ticket',
  'x_amzn_oidc_data',
  'x_ms_client_principal'
])

const ENDINGS = new RegExp(
  `(?:${[
    // Passwords and codes.
    'tokens?|secrets?|passw(?:or)?ds?|passwd|passphrase|passcode|pass|pwd|pw|otp|totp',
    // Sessions and tokens.
    'authz?|authorization|authentication|bearer|credentials?|cookies?|jwt|assertion|saml_?(?:request|response)|saml_?art',
    's(?:ess(?:ion)?_?)?id|session|csrf|xsrf',
    // What proves that a URL was made by who may.
    'sig|signature|hmac|verifier',
    '(?:access|account|admin|api|app|auth|client|encryption|functions?|host|license|master|private|secret|security|server|service|session|shared|signing|storage|subscription|user)_?key(?:_?id)?',
    '(?:auth|authorization|backup|device|invite|mfa|one_?time|recovery|security|sms|verification)_?code',
    '(?:^|_)(?:ticket|pin)'
  ].join('|')})$`
)
