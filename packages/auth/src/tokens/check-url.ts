/** Yields what is wrong with the URL of a service that says who is who. */
export function* checkServiceUrl(text: string, allowHttp: boolean | undefined, at: string): Iterable<string> {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) yield `${at}: must be a URL with https`
  else if (url.username !== '' || url.password !== '' || url.hash !== '')
    yield `${at}: must have no user, password or fragment`
  else if (url.protocol === 'http:' && allowHttp !== true)
    yield `${at}: must have https; without it answers can be changed on the way (allowHttp: true takes them)`
}
