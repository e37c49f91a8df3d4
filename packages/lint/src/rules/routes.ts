import { checkRegExp, type ValueMatchConfig } from '@gatewright/core'
import type { ConfigView } from '../view/config-view.js'
import type { LintRule } from './rule.js'

interface Pattern {
  readonly path: string
  readonly source: string
  /** Whether it is matched as a whole, wherever its anchors are. */
  readonly whole: boolean
  readonly ignoreCase: boolean
}

/** Every regular expression that requests are matched by. */
function* patternsIn({ routes, policies }: ConfigView): Iterable<Pattern> {
  for (const { path, config } of routes) {
    const { path: own, headers = {}, query = {}, caseSensitive = true } = config
    if (own.startsWith('~'))
      yield { path: `${path}.path`, source: own.slice(1), whole: false, ignoreCase: !caseSensitive }
    for (const [key, conditions] of [
      ['headers', headers],
      ['query', query]
    ] as const)
      for (const [name, condition] of Object.entries<ValueMatchConfig>(conditions))
        if (typeof condition === 'object' && condition.regex !== undefined)
          yield {
            path: `${path}.${key}.${name}.regex`,
            source: condition.regex,
            whole: true,
            ignoreCase: false
          }
  }
  for (const { path, config } of [...routes, ...policies.values()]) {
    const source = config.rewrite?.regex?.pattern
    if (source !== undefined)
      yield { path: `${path}.rewrite.regex.pattern`, source, whole: false, ignoreCase: false }
  }
}

export const regexRisk: LintRule = {
  id: 'routes.regex-risk',
  severity: 'error',
  title: 'An expression that matches where it was not meant to, or takes long',
  explanation:
    'A path expression without `^` matches anywhere: `~/admin/` takes `/public/admin/` too, with the pool and the policies of the one for both. One whose time grows faster than the text lets a client stop the process; the gateway does not start with it.',
  fix: 'Begin it with `^`, and make it linear: no repetition beside or within another that can match the same text.',
  found: `
pools:
  admin: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: ~/admin/, pool: admin }`,
  clean: `
pools:
  admin: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: ~^/admin/, pool: admin }`,
  *find(view) {
    for (const { path, source, whole, ignoreCase } of patternsIn(view)) {
      const problem = checkRegExp(source, { whole, ignoreCase })
      if (problem !== undefined) yield { path, message: `'${source}' ${problem}` }
      else if (path.endsWith('].path') && !isAnchored(source))
        yield { path, message: `'${source}' matches in the middle of a path too` }
    }
  }
}

// `^a|^b` is, `^a|b` is not. `.*` in front says that the middle is meant.
function isAnchored(source: string): boolean {
  let depth = 0
  let escaped = false
  let begin = 0
  const branches: string[] = []
  for (const [index, char] of [...source].entries()) {
    if (!escaped && (char === '(' || char === '[')) depth++
    if (!escaped && (char === ')' || char === ']')) depth--
    if (!escaped && char === '|' && depth === 0) {
      branches.push(source.slice(begin, index))
      begin = index + 1
    }
    escaped = !escaped && char === '\\'
  }
  branches.push(source.slice(begin))
  return branches.every((branch) => /^(?:\(\?:)*(?:\^|\.\*)/.test(branch))
}

export const anyCharacter: LintRule = {
  id: 'routes.regex-any-character',
  severity: 'warning',
  title: 'A dot that stands for any character',
  explanation:
    'Between letters or digits a dot is mostly meant as itself: `v1.0` matches `v1x0` too, and `api.example.com` a host that somebody else has registered.',
  fix: 'Write `\\.`, or `[^/]` where any character is meant.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: ~^/v1.0/, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: '~^/v1\\.0/', pool: users }`,
  *find(view) {
    for (const { path, source } of patternsIn(view)) {
      const found = /(?<!\\)[a-z\d]\.[a-z\d]/i.exec(source.replaceAll(/\[[^\]]*\]/g, '[]'))
      if (found !== null) yield { path, message: `the dot in '${found[0]}' matches any character` }
    }
  }
}

export const redirectLoop: LintRule = {
  id: 'routes.redirect-loop',
  severity: 'error',
  title: 'Redirects that lead round in a circle',
  explanation: 'Routes redirect to each other: a client follows them until it gives up.',
  fix: 'Let one of them lead elsewhere.',
  found: `
routes:
  - { path: /start, redirect: { path: /welcome } }
  - { path: /welcome, redirect: { path: /start } }`,
  clean: `
routes:
  - { path: /start, redirect: { path: /welcome } }
  - { path: /welcome, respond: { body: hello } }`,
  *find({ routes }) {
    const leads = new Map<string, { readonly path: string; readonly target: string }>()
    for (const { path, config } of routes) {
      const { redirect } = config
      // Another scheme, host or port, and what depends on more than the path, may lead elsewhere.
      if (redirect?.path === undefined || (redirect.scheme ?? redirect.host ?? redirect.port) !== undefined)
        continue
      if (config.headers !== undefined || config.query !== undefined || config.methods !== undefined) continue
      const hosts = [config.host ?? '*'].flat().map((host) => host.toLowerCase())
      for (const host of hosts)
        leads.set(`${host} ${config.path}`, {
          path: `${path}.redirect.path`,
          target: `${host} ${redirect.path}`
        })
    }
    for (const [begin, { path, target }] of leads) {
      const seen = new Set([begin])
      for (let at: string | undefined = target; at !== undefined && !seen.has(at); at = leads.get(at)?.target)
        seen.add(at)
      const last = [...seen].at(-1) as string
      if (leads.get(last)?.target === begin)
        yield { path, message: [...seen, begin].map((one) => one.replace(/^\S+ /, '')).join(' → ') }
    }
  }
}

export const duplicateCase: LintRule = {
  id: 'hosts.duplicate-case',
  severity: 'warning',
  title: 'One host in two spellings',
  explanation:
    'Hosts are the same in upper and lower case, and with a dot at the end. Two spellings look like two hosts to whoever reads or searches the configuration, and one of them is forgotten at the next change.',
  fix: 'Write hosts in lower case, without a dot at the end.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, host: api.example.com, pool: users }
  - { path: /orders/*, host: API.example.com, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, host: api.example.com, pool: users }
  - { path: /orders/*, host: api.example.com, pool: users }`,
  *find({ routes }) {
    const first = new Map<string, string>()
    for (const { path, config } of routes)
      for (const [index, host] of [config.host ?? []].flat().entries()) {
        const plain = host.toLowerCase().replace(/\.$/, '')
        const other = first.get(plain)
        if (other === undefined) first.set(plain, host)
        else if (other !== host)
          yield {
            path: `${path}.host${Array.isArray(config.host) ? `[${index}]` : ''}`,
            message: `'${host}' is '${other}', in another spelling`
          }
      }
  }
}
