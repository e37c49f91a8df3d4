/** Whether the text compiles as a regular expression. */
export function isRegExpSource(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    return false
  }
}
