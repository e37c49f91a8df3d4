import { createInterface } from 'node:readline/promises'
import { PRESETS, type PresetName } from './presets.js'
import { Refusal, type Terminal } from './terminal.js'

/** Asks in a terminal, one question at a time. Ctrl-C and Ctrl-D end the command with 130 before anything is written. */
export class Questions {
  readonly #terminal: Pick<Terminal, 'stdin' | 'stdout'>

  constructor(terminal: Pick<Terminal, 'stdin' | 'stdout'>) {
    this.#terminal = terminal
  }

  /** A text; Enter alone gives the default. */
  async text(question: string, otherwise: string): Promise<string> {
    const { stdin: input, stdout: output } = this.#terminal
    const lines = createInterface({ input, output })
    let answered = false
    // A terminal that is closed answers nothing: without this, the command would end without a word.
    const left = new Promise<never>((_, reject) => {
      lines.once('close', () => {
        if (!answered) output.write('\n')
        reject(new Refusal('nothing was written', 130))
      })
      lines.once('SIGINT', () => lines.close())
    })
    try {
      const answer = await Promise.race([lines.question(`${question} (${otherwise}) `), left])
      answered = true
      return answer.trim() || otherwise
    } finally {
      left.catch(() => {})
      lines.close()
    }
  }

  /** One of the presets, by number or name. Asks again until it is one. */
  async preset(): Promise<PresetName> {
    const { stdout } = this.#terminal
    PRESETS.forEach(({ name, summary }, index) => {
      stdout.write(`  ${index + 1}  ${name.padEnd(8)} ${summary}\n`)
    })
    for (;;) {
      const answer = (await this.text('Which one, by number or name?', PRESETS[0].name)).toLowerCase()
      const found = PRESETS.find(({ name }, index) => answer === name || answer === String(index + 1))
      if (found !== undefined) return found.name
      stdout.write(`There are 1 to ${PRESETS.length}.\n`)
    }
  }

  /** Yes or no; Enter alone is yes. */
  async yes(question: string): Promise<boolean> {
    for (;;) {
      const answer = (await this.text(question, 'yes')).toLowerCase()
      if (/^y(?:es)?$/.test(answer)) return true
      if (/^no?$/.test(answer)) return false
      this.#terminal.stdout.write('yes or no\n')
    }
  }
}
