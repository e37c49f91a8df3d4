import type { ChangesConfig } from '../headers/settings.js'
import { checkTemplate } from '../template/template.js'

/** Yields what is wrong with changes to queries. */
export function* checkQuery(config: ChangesConfig, at: string): Iterable<string> {
  const { keepOnly = [], remove = [], rename = {}, set = {}, setIfAbsent = {}, append = {} } = config
  const named = {
    keepOnly,
    remove,
    rename: Object.entries(rename).flat(),
    ...{ set: Object.keys(set), setIfAbsent: Object.keys(setIfAbsent), append: Object.keys(append) }
  }
  for (const [key, names] of Object.entries(named))
    for (const name of names)
      if (!isText(name)) yield `${at}.${key}: a name that is no text of Unicode`
      else if (name === '') yield `${at}.${key}: must name something`
  for (const [key, values] of Object.entries({ set, setIfAbsent, append }))
    for (const [name, text] of Object.entries(values)) {
      if (!isText(text)) yield `${at}.${key}.${name}: is no text of Unicode`
      else yield* checkTemplate(text, `${at}.${key}.${name}`, 'request')
    }
}

function isText(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text)
}
