import type { ServerResponse } from 'node:http'

/**
 * Node writes the head of a streamed response with its first chunk, where an error would end the process: from now on a
 * head that it refuses, which only a hook can have set, cuts the connection instead.
 */
export function cutOnBadHead(response: ServerResponse): void {
  const { writeHead } = response
  response.writeHead = function writeHeadOrCut(this: ServerResponse, ...args: unknown[]) {
    try {
      return Reflect.apply(writeHead, this, args) as ServerResponse
    } catch {
      for (const name of this.getHeaderNames()) this.removeHeader(name)
      // Node goes on with some head; nothing of it is sent.
      this.statusMessage = ''
      this.socket?.destroy()
      return Reflect.apply(writeHead, this, [500]) as ServerResponse
    }
  } as ServerResponse['writeHead']
}
