const CTRL_C = '\u0003'

/** Calls what belongs to a key that is pressed, until the function that it returns is called. Ctrl-C stays SIGINT. */
export function listenToKeys(
  stdin: NodeJS.ReadStream | null,
  keys: Readonly<Record<string, () => void>>
): () => void {
  if (stdin === null) return () => {}
  const pressed = (key: string): void => {
    if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
    else if (Object.hasOwn(keys, key)) keys[key]?.()
  }
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.on('data', pressed)
  stdin.resume()
  return () => {
    stdin.off('data', pressed)
    stdin.setRawMode(false)
    stdin.pause()
  }
}
