/** What every upstream answers to a path it does not know otherwise: about 150 bytes of JSON. */
export const JSON_BODY = JSON.stringify({
  id: 123456,
  name: 'A small product',
  price: { amount: 1999, currency: 'EUR' },
  tags: ['one', 'two', 'three'],
  stock: 42,
  updated: '2025-01-01T00:00:00Z'
})

/** A file of 1 MiB. */
export const FILE_PATH = '/file/1m.bin'
export const FILE_BYTES = 1024 ** 2

/** Reads the whole body, then answers 204. */
export const UPLOAD_PATH = '/upload'

/** `/bytes/<n>` streams that many bytes; only the Node upstream has it. */
export const BYTES_PATH = '/bytes/'
