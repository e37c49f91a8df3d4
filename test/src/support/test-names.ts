const TEST = /\btest\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g

/** The names of the tests in a source file. What a template fills in is `…`; nested templates are not read. */
export function testNamesOf(source: string): string[] {
  return [...source.matchAll(TEST)].map(([, single, double, template]) =>
    (single ?? double ?? (template as string).replaceAll(/\$\{[^{}`]*\}/g, '…')).replaceAll(/\\(.)/g, '$1')
  )
}
