const piece = Buffer.alloc(65_536, 'x')

/** A body of that many bytes, in pieces of 64 KiB. */
export function* pieces(bytes) {
  for (let left = bytes; left > 0; left -= piece.length)
    yield left < piece.length ? piece.subarray(0, left) : piece
}
