/**
 * Template tag that turns every line end written in the template into CRLF. Interpolated values stay as they
 * are: `${'\n'}` is a bare LF.
 */
export function crlf(text: TemplateStringsArray, ...values: unknown[]): string {
  return text
    .map((part, i) => part.replaceAll('\n', '\r\n') + (i < values.length ? String(values[i]) : ''))
    .join('')
}
