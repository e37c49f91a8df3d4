import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentialsIn } from './credentials.js'
import { HashQueue } from './hash-queue.js'
import { hashPassword, isPassword, parsePasswordHash } from './password-hash.js'
import { Passwords } from './passwords.js'
import { usersOf } from './users.js'

const stored = await hashPassword('correct horse')

test('a hash is of one password, and no two hashes of it are the same', async () => {
  const hash = parsePasswordHash(stored)
  assert.ok(hash !== null)
  assert.deepEqual(
    [
      await isPassword('correct horse', hash),
      await isPassword('correct hors', hash),
      await isPassword('', hash)
    ],
    [true, false, false]
  )
  assert.notEqual(await hashPassword('correct horse'), stored)
  const accented = parsePasswordHash(await hashPassword('caf\u00e9'))
  assert.ok(accented !== null)
  assert.equal(await isPassword('cafe\u0301', accented), true)
})

test('hashes that cost too little or too much are none', () => {
  const [, , , salt, hash] = stored.split('$')
  for (const [parameters, fits] of [
    ['ln=15,r=8,p=1', true],
    ['ln=10,r=8,p=1', true],
    ['ln=9,r=8,p=1', false],
    ['ln=20,r=8,p=1', false],
    ['ln=17,r=8,p=1', true],
    ['ln=15,r=0,p=1', false],
    ['ln=15,r=8,p=0', false],
    ['ln=15,r=8,p=99', false]
  ] as const)
    assert.equal(parsePasswordHash(`$scrypt$${parameters}$${salt}$${hash}`) !== null, fits, parameters)
  for (const text of ['', 'plain', '$2b$10$abc', `$scrypt$ln=15,r=8,p=1$${salt}$AAAA`])
    assert.equal(parsePasswordHash(text), null)
})

test('credentials are a name, a colon and a password in base64 and UTF-8, and nothing else', () => {
  const sent = (text: string | Buffer): unknown =>
    credentialsIn(Buffer.from(text as string).toString('base64'))
  assert.deepEqual(sent('ada:a:b'), { name: 'ada', password: 'a:b' })
  assert.deepEqual(sent('ada:'), { name: 'ada', password: '' })
  assert.deepEqual(sent('žofie:é'), { name: 'žofie', password: 'é' })
  assert.deepEqual(sent('\ufeffada:x'), { name: '\ufeffada', password: 'x' })
  for (const wrong of ['ada', ':x', '', 'a\nb:x', 'ada:x\0', Buffer.from([0xff, 0x3a, 0x41])])
    assert.equal(sent(wrong), null)
  for (const wrong of ['', 'YWRhOng=x', 'YWRh Ong', '=', 'Y'.repeat(2_000), 'YWRhOng-'])
    assert.equal(credentialsIn(wrong), null)
})

function checking(concurrency = 2) {
  const time = { now: 0 }
  const passwords = new Passwords(() => time.now)
  passwords.use(60_000, 10, concurrency)
  const users = usersOf({ ada: stored })
  const check = async (name: string, password: string) => {
    const user = users.get(name)
    return await passwords.check(passwords.printOf({ name, password }, user), password, user, users.values())
  }
  const recall = (name: string, password: string) =>
    passwords.recall(passwords.printOf({ name, password }, users.get(name)))
  return { time, passwords, users, check, recall }
}

test('what was found out of a password is known for a while: right ones longer than wrong ones', async () => {
  const { time, check, recall } = checking()
  assert.deepEqual([recall('ada', 'correct horse'), await check('ada', 'correct horse')], [undefined, true])
  assert.deepEqual([await check('ada', 'x'), await check('eve', 'x')], [false, false])
  assert.deepEqual(
    [recall('ada', 'correct horse'), recall('ada', 'x'), recall('eve', 'x')],
    [true, false, false]
  )
  time.now = 10_000
  assert.deepEqual([recall('ada', 'correct horse'), recall('ada', 'x')], [true, undefined])
  time.now = 60_000
  assert.equal(recall('ada', 'correct horse'), undefined)
})

test('another hash of the user makes an old password unknown at once', async () => {
  const { passwords, check } = checking()
  await check('ada', 'correct horse')
  const changed = usersOf({ ada: stored.replace('$scrypt$ln=15', '$scrypt$ln=14') }).get('ada')
  assert.equal(
    passwords.recall(passwords.printOf({ name: 'ada', password: 'correct horse' }, changed)),
    undefined
  )
})

test('made-up passwords push out no right one', async () => {
  const { check, recall, passwords } = checking()
  await check('ada', 'correct horse')
  for (let n = 0; n < 5_000; n++)
    passwords.recall(passwords.printOf({ name: 'ada', password: String(n) }, undefined))
  assert.equal(recall('ada', 'correct horse'), true)
})

test('the same password is hashed once, and what is too much is told instead of waited for', async () => {
  const { check } = checking(1)
  const same = await Promise.all(Array.from({ length: 200 }, () => check('ada', 'correct horse')))
  assert.deepEqual(new Set(same), new Set([true]))
})

test('jobs run few at one time, in turn, and one that fails holds up none', async () => {
  const queue = new HashQueue()
  queue.use(2)
  const order: string[] = []
  const ends: (() => void)[] = []
  const job = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      order.push(name)
      ends.push(name === 'b' ? () => reject(new Error('b')) : resolve)
    })
  const all = ['a', 'b', 'c', 'd'].map((name) =>
    queue.run(job(name)).catch(() => order.push(`${name} failed`))
  )
  await Promise.resolve()
  assert.deepEqual(order, ['a', 'b'])
  ends[1]?.()
  await all[1]
  assert.deepEqual(order, ['a', 'b', 'c', 'b failed'])
  for (const end of [0, 2]) ends[end]?.()
  await all[2]
  ends[3]?.()
  await Promise.all(all)
  assert.equal(order.at(-1), 'd')
  assert.equal(queue.isFull, false)
})
