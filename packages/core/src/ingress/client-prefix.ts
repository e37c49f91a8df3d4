/**
 * What stands for a client: its IPv4 address, or the leading bits of its IPv6 address, as one subscriber has a whole
 * prefix of these (RFC 6177). An address of another form stands for itself.
 */
export function clientPrefix(address: string, bits: number): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped !== null) return mapped[1] as string
  const groups = groupsOf(address)
  if (groups === null) return address
  let prefix = ''
  for (let index = 0; index * 16 < bits; index++) {
    const kept = Math.min(16, bits - index * 16)
    prefix += `${((groups[index] as number) & (0xffff << (16 - kept))).toString(16)}:`
  }
  return `${prefix}/${bits}`
}

// The eight groups of an IPv6 address (RFC 4291, section 2.2), its zone left out; `null` for something else.
function groupsOf(address: string): number[] | null {
  const [text = ''] = address.split('%', 1)
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return null
  const left = numbersOf(head)
  const right = tail === undefined ? [] : numbersOf(tail)
  const missing = 8 - left.length - right.length
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...left, ...new Array(missing).fill(0), ...right]
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : null
}

function numbersOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    const parts = group.split('.')
    if (parts.length === 4) {
      const [a = -1, b = -1, c = -1, d = -1] = parts.map(Number)
      return [a * 256 + b, c * 256 + d]
    }
    return /^[\da-f]{1,4}$/i.test(group) ? [Number.parseInt(group, 16)] : [-1]
  })
}
