/** Where a field stands in a list of `[name, value, …]`; -1 for nowhere. `name` in lower case, those of the list in any. */
export function indexOf(list: readonly (string | string[])[], name: string): number {
  for (let i = 0; i < list.length; i += 2) {
    const other = list[i] as string
    if (other.length === name.length && (other === name || other.toLowerCase() === name)) return i
  }
  return -1
}

/**
 * Adds a line behind those of a field. Cookies of requests are one line (RFC 6265, section 5.4); with `joins`, lines of one
 * name are one list. A line that is there is not repeated.
 */
export function appendLine(list: (string | string[])[], name: string, line: string, joins: boolean): void {
  const at = indexOf(list, name)
  if (at === -1) list.push(name, line)
  else if (joins) {
    const lines = [list[at + 1] as string | string[]].flat()
    if (!lines.includes(line)) list[at + 1] = [...lines, line]
  } else if (name === 'cookie') list[at + 1] = `${list[at + 1] as string}; ${line}`
  else if (!hasLine(list, name, line)) list.push(name, line)
}

function hasLine(list: readonly (string | string[])[], name: string, line: string): boolean {
  for (let i = 0; i < list.length; i += 2)
    if (list[i + 1] === line && (list[i] as string).toLowerCase() === name) return true
  return false
}
