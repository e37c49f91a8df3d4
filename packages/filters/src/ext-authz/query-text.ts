/**
 * The text of a query parameter as services of `ext_authz` give it: already encoded, since Envoy puts it into the target as it
 * is. What is not encoded, or wrongly, is taken for the text itself.
 */
export function queryText(parameter: string): string {
  try {
    return decodeURIComponent(parameter.replaceAll('+', ' '))
  } catch {
    return parameter
  }
}
