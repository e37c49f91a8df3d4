import { MigrationError } from '../migration.js'

/** A word, or one of `;`, `{` and `}`. */
export interface Token {
  readonly text: string
  readonly line: number
  /** Whether it is a mark between words, which a word in quotes never is. */
  readonly isMark: boolean
}

const ESCAPES: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  '"': '"',
  "'": "'",
  '\\': '\\'
}

/** The tokens of a configuration of nginx, by its rules for quotes, escapes, comments, `${name}` and blocks of Lua. */
export function* tokensOf(text: string, file: string): Generator<Token> {
  let line = 1
  let at = 0
  let isLua = false
  while (at < text.length) {
    const char = text[at] as string
    if (char === '\n') line++
    if (/\s/.test(char)) at++
    else if (char === '#') while (at < text.length && text[at] !== '\n') at++
    else if (char === '{' && isLua) {
      const end = endOfLua(text, at)
      yield { text: '{', line, isMark: true }
      yield { text: '}', line, isMark: true }
      line += text.slice(at, end).split('\n').length - 1
      at = end
      isLua = false
    } else if (char === ';' || char === '{' || char === '}') {
      yield { text: char, line, isMark: true }
      at++
    } else {
      const word = char === '"' || char === "'" ? quoted(text, at) : bare(text, at)
      if (word === null) throw new MigrationError({ file, line }, 'a quote is not closed')
      yield { text: word.text, line, isMark: false }
      isLua = /_by_lua_block$/.test(word.text) || (isLua && !/[;{}]/.test(char))
      line += text.slice(at, word.end).split('\n').length - 1
      at = word.end
    }
  }
}

interface Word {
  readonly text: string
  readonly end: number
}

function quoted(text: string, from: number): Word | null {
  const quote = text[from]
  let word = ''
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === quote) return { text: word, end: at + 1 }
    if (text[at] === '\\') word += unescaped(text[++at])
    else word += text[at]
  }
  return null
}

function bare(text: string, from: number): Word {
  let word = ''
  let at = from
  while (at < text.length) {
    const char = text[at] as string
    if (char === '$' && text[at + 1] === '{') {
      const end = text.indexOf('}', at)
      if (end < 0) return { text: word + text.slice(at), end: text.length }
      word += text.slice(at, end + 1)
      at = end + 1
    } else if (/[\s;{]/.test(char)) break
    else if (char === '\\') {
      word += unescaped(text[at + 1])
      at += 2
    } else {
      word += char
      at++
    }
  }
  return { text: word, end: at }
}

function unescaped(char = ''): string {
  return ESCAPES[char] ?? `\\${char}`
}

function endOfLua(text: string, from: number): number {
  let depth = 0
  // Braces in strings and comments of Lua do not count.
  for (const { 0: found, index } of text
    .slice(from)
    .matchAll(/--[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[{}]/g)) {
    if (found === '{') depth++
    if (found === '}' && --depth === 0) return from + index + 1
  }
  return text.length
}
