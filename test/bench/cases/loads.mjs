import { FILE_BYTES, FILE_PATH, JSON_BODY, UPLOAD_PATH } from '../upstream/resources.mjs'

const json = { status: 200, bytes: JSON_BODY.length }

/** Small JSON answers, every URL another one. */
export function smallJson(connections) {
  return { connections, mix: { path: '/json/', unique: 1 }, expect: json }
}

/** Small JSON answers, each request on a connection of its own. */
export function smallJsonWithoutKeepAlive(connections) {
  return { connections, mix: { path: '/json/', unique: 1, close: 1 }, expect: json }
}

/** Small JSON answers spread evenly over the routes of a table; `tied` when each route belongs to one host. */
export function overRoutes(connections, { routes, hosts, tied }) {
  const mix = { path: '/', routes, hosts, ...(tied ? { tied: 1 } : {}) }
  return { connections, mix, expect: json }
}

/** Answers of 1 MiB. */
export function downloads(connections) {
  return { connections, mix: { path: FILE_PATH }, expect: { status: 200, bytes: FILE_BYTES } }
}

/** Request bodies of `body` bytes, answered by 204. */
export function uploads(connections, body) {
  return { connections, mix: { path: UPLOAD_PATH, body }, expect: { status: 204, bytes: 0 } }
}
