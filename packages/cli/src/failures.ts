/** What can be done about an error of the system. */
const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there: stop it, or use another --port',
  EACCES: 'not allowed: ports below 1024 and files of others need more rights',
  EADDRNOTAVAIL: 'this machine does not have that address: use another --host',
  ENOENT: 'there is no such file',
  EISDIR: 'that is a folder',
  EEXIST: 'something else is there',
  ENOTDIR: 'that is no folder',
  EROFS: 'it can only be read',
  ENOSPC: 'the disk is full',
  EPERM: 'not allowed'
}

/** An error in one line, with its cure where one is known; an error that has lines of its own keeps them. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const cure = code === undefined ? undefined : CURES[code]
  if (cure === undefined) return error.message
  const what = path ?? (address === undefined ? '' : port === undefined ? address : `${address}:${port}`)
  return `${what === '' ? error.message : what}: ${cure} (${code})`
}
