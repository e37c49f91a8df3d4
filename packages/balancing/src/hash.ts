/** FNV-1a over the UTF-16 code units of a text: 32 bits, unsigned. The same on every machine; not for secrets. */
export function hash(text: string): number {
  let bits = 0x811c9dc5
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193)
  return bits >>> 0
}

/** Mixes two hashes into one in which every bit depends on all of theirs (the finalizer of MurmurHash3). */
export function mix(one: number, other: number): number {
  let bits = one ^ Math.imul(other, 0x9e3779b1)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
