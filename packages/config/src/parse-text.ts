import { parseJsonText } from './json-text.js'
import type { ParsedText } from './parsed-text.js'
import { parseYamlText } from './yaml-text.js'

/** A text that is to be read. */
export interface TextRequest {
  readonly text: string
  readonly isJson: boolean
}

/** Reads a text of YAML or JSON. */
export function parseText({ text, isJson }: TextRequest): ParsedText {
  return isJson ? parseJsonText(text) : parseYamlText(text)
}
