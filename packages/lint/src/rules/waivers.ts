import type { Rule } from './rule.js'

const ALREADY = `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { id: users, path: /*, pool: users, retry: { attempts: 1 } }`

const waived = (waiver: string): string => `
lint:
  waivers:
    - ${waiver}${ALREADY}`

/** Until when an example is waived: far off for the one, near enough for the rules. */
const NEAR = '2027-06-30'

/** What is found of waivers themselves. */
export const WAIVER_RULES = {
  expired: {
    id: 'waiver.expired',
    severity: 'error',
    title: 'A waiver has expired',
    explanation: 'What it was for is still there, and the time that was given for it is over.',
    fix: 'Do what the rule says, or give the waiver another date with the reason why.',
    found: waived(
      '{ id: retry.never, path: routes.users, reason: until the new client is out, expires: 2020-01-31 }'
    ),
    clean: waived(
      `{ id: retry.never, path: routes.users, reason: until the new client is out, expires: ${NEAR} }`
    )
  },
  unused: {
    id: 'waiver.unused',
    severity: 'warning',
    title: 'Nothing is found that a waiver is for',
    explanation:
      'What it was for is gone, or its path is not the one of the finding. Left in place, it would hide the next one.',
    fix: 'Take it out, or correct its `path`.',
    found: `${waived(`{ id: retry.never, path: routes.orders, reason: a pilot, expires: ${NEAR} }`).replace('attempts: 1', 'attempts: 2')}`,
    clean: waived(`{ id: retry.never, path: 'routes[0]', reason: a pilot, expires: ${NEAR} }`)
  },
  invalidDate: {
    id: 'waiver.invalid-date',
    severity: 'error',
    title: 'A waiver without a date',
    explanation: 'Its `expires` is no date, so that it does not hold.',
    fix: 'Give a date such as 2027-03-31.',
    found: waived('{ id: retry.never, reason: a pilot, expires: soon }'),
    clean: waived(`{ id: retry.never, reason: a pilot, expires: '${NEAR}T12:00:00Z' }`)
  },
  tooLong: {
    id: 'waiver.too-long',
    severity: 'warning',
    title: 'A waiver for years',
    explanation: 'It holds for more than 400 days from here: nobody will look at it again.',
    fix: 'Give a date within a year; what is left so for good, switch off in `lint.rules`.',
    found: waived('{ id: retry.never, reason: a pilot, expires: 2999-12-31 }'),
    clean: waived(`{ id: retry.never, reason: a pilot, expires: ${NEAR} }`)
  },
  unknownRule: {
    id: 'waiver.unknown-rule',
    severity: 'error',
    title: 'A waiver of a rule that there is not',
    explanation: 'Its `id` is misspelt, or that of a rule of another version: it waives nothing.',
    fix: 'Name one of the rules.',
    found: waived(`{ id: retry.nevr, reason: a pilot, expires: ${NEAR} }`).replace(
      'attempts: 1',
      'attempts: 2'
    ),
    clean: waived(`{ id: retry.never, reason: a pilot, expires: ${NEAR} }`)
  }
} as const satisfies Record<string, Rule>
