import { fields, list, map, names, object, on, type Shape, scalar, set, size } from './shape.js'

const messageHeaders = {
  keepOnly: names(),
  remove: names(),
  rename: fields,
  set: fields,
  setIfAbsent: fields,
  append: fields
}

const parameters: Shape = { kind: 'map', of: scalar(), secretNames: true }

const json = (more: Readonly<Record<string, Shape>> = {}): Shape =>
  object(
    { operations: list(), mode: scalar('enforce'), maxBytes: size('1MiB'), maxRatio: scalar(100), ...more },
    (value) => (Array.isArray(value) ? { operations: value } : value)
  )

/** `transform`. */
export const transform: Shape = object({
  request: object({
    method: scalar(),
    host: scalar(),
    headers: object(messageHeaders),
    query: object({
      keepOnly: set(),
      remove: set(),
      rename: map(),
      set: parameters,
      setIfAbsent: parameters,
      append: parameters
    }),
    json: json()
  }),
  response: object({
    status: list(),
    location: object({ hosts: names(), paths: scalar('upstream') }, on),
    cookies: list(
      object(
        {
          names: set(),
          path: scalar(),
          domain: scalar(),
          secure: scalar(),
          sameSite: scalar(),
          httpOnly: scalar()
        },
        (value) => (value === true ? { path: true, domain: false } : value)
      )
    ),
    headers: list(object({ when: scalar('always'), ...messageHeaders })),
    json: json({ when: scalar('always'), validators: scalar('weaken'), noTransform: scalar('respect') })
  })
})
