import type { Rule } from './rule.js'

const WITH = (rules: string): string => `
lint: { rules: ${rules} }
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { id: users, path: /*, pool: users }`

/** What is found of `lint.rules` itself. */
export const unknownRule: Rule = {
  id: 'lint.unknown-rule',
  severity: 'error',
  title: 'A severity for a rule that there is not',
  explanation:
    'A key of `lint.rules` is misspelt, or that of a rule of another version: the rule that was meant stays as it is.',
  fix: 'Name one of the rules, or take it out.',
  found: WITH('{ retry.nevr: off }'),
  clean: WITH('{ retry.never: off }')
}
