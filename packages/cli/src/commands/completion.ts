import { HELP } from '../arguments.js'
import { type Command, UsageError } from '../command.js'

const SHELLS: Readonly<Record<string, (words: Words) => string>> = { bash, zsh, fish }

/** The commands, each with its flags. */
type Words = readonly { readonly name: string; readonly summary: string; readonly flags: readonly string[] }[]

/** The command, for these and itself. */
export const completionOf = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  summary: 'Print what a shell completes commands and flags by',
  usage: 'bash|zsh|fish',
  takes: [1, 1],
  options: [],
  about: [],
  examples: ['source <(gatewright completion bash)', 'gatewright completion fish | source'],
  async run({ arguments: [shell = ''], terminal: { stdout } }) {
    if (!Object.hasOwn(SHELLS, shell))
      throw new UsageError(`'${shell}' is none of ${Object.keys(SHELLS).join(', ')}`)
    const words = commands().map(({ name, summary, options }) => ({
      name,
      summary,
      flags: [...options, HELP].map((option) => `--${option.name}`)
    }))
    stdout.write((SHELLS[shell] as (words: Words) => string)(words))
    return 0
  }
})

function bash(words: Words): string {
  const cases = words.map(({ name, flags }) => `    ${name}) words="${flags.join(' ')}" ;;`)
  return `_gatewright() {
  local words="${words.map(({ name }) => name).join(' ')}" current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -gt 1 ]; then case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="" ;;
  esac; fi
  if [[ "$COMP_CWORD" -gt 1 && "$current" != -* ]]; then COMPREPLY=($(compgen -f -- "$current"))
  else COMPREPLY=($(compgen -W "$words" -- "$current")); fi
}
complete -F _gatewright gatewright
`
}

function zsh(words: Words): string {
  const commands = words.map(({ name, summary }) => `    '${name}:${summary.replaceAll("'", "'\\''")}'`)
  const cases = words.map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(' ')}; _files ;;`)
  return `#compdef gatewright
_gatewright() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _gatewright gatewright
`
}

function fish(words: Words): string {
  const lines = words.flatMap(({ name, summary, flags }) => [
    `complete -c gatewright -n __fish_use_subcommand -f -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ...flags.map(
      (flag) => `complete -c gatewright -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)}`
    )
  ])
  return `${lines.join('\n')}\n`
}
