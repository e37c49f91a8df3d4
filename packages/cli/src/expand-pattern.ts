import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The files that a pattern with `*` and `?` in any of its steps stands for, sorted, written as the pattern is. */
export function expandPattern(pattern: string, cwd: string): readonly string[] {
  const [first = '', ...steps] = pattern.split('/')
  let found = [first === '' ? '/' : first]
  if (/[*?[]/.test(first)) found = matching('.', first, cwd)
  for (const step of steps)
    found = found.flatMap((folder) =>
      /[*?[]/.test(step) ? matching(folder, step, cwd) : [join(folder, step)]
    )
  return found
}

function matching(folder: string, step: string, cwd: string): string[] {
  const source = step
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  const expression = new RegExp(`^${source}$`)
  try {
    return readdirSync(resolve(cwd, folder))
      .filter((name) => expression.test(name) && !name.startsWith('.'))
      .sort()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}
