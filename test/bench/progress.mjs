import { styleText } from 'node:util'

// Escape codes are for people, not for log files.
const styled = (styles, text) => (process.stderr.isTTY ? styleText(styles, text) : text)

/** One line of progress. */
export function say(text) {
  process.stderr.write(`  ${text}\n`)
}

/** A heading of progress. */
export function headline(text) {
  process.stderr.write(`\n${styled(['bold'], text)}\n`)
}

/** Something that makes the results incomplete: must not be overlooked. */
export function warn(text) {
  process.stderr.write(`${styled(['yellow', 'bold'], `! ${text}`)}\n`)
}
