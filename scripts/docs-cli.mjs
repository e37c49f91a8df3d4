// Writes docs/cli.md from the commands. With --check it only says if the page is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const { COMMANDS, flagsOf } = await import(new URL('../packages/cli/lib/index.js', import.meta.url))
const page = new URL('../docs/cli.md', import.meta.url)

const INTRO = `# The command

<!-- Written by scripts/docs-cli.mjs from the commands. Edit them in packages/cli/src/commands. -->

\`gatewright\` runs a gateway from [files](files.md), and says what is in them. It is the package \`gatewright\`: \`npx gatewright\`, or \`npm install gatewright\`.

Exit codes: 0 done; 1 what a command says below; 2 not done, as the command line is wrong, or something is missing or taken. Messages go to the standard error, results to the standard output; \`--json\` is for programs.`

const text = `${[INTRO, ...COMMANDS.map(section)].join('\n\n')}\n`
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  console.error('docs/cli.md is stale: run `node scripts/docs-cli.mjs`')
  process.exitCode = 1
}

function section({ name, summary, usage, about, options, examples, exits = {} }) {
  const parts = [
    `## gatewright ${name}`,
    `${summary}.`,
    fenced([`gatewright ${name} ${usage}`.trimEnd()]),
    ...about
  ]
  if (options.length > 0)
    parts.push(
      [
        '| option | what it does |',
        '| --- | --- |',
        ...options.map(
          (option) =>
            `| \`${flagsOf(option).replaceAll('|', '\\|')}\` | ${option.about.replaceAll('|', '\\|')} |`
        )
      ].join('\n')
    )
  for (const [code, meaning] of Object.entries(exits)) parts.push(`Exit code ${code}: ${meaning}.`)
  if (examples.length > 0) parts.push(fenced(examples))
  return parts.join('\n\n')
}

function fenced(lines) {
  return `\`\`\`sh\n${lines.join('\n')}\n\`\`\``
}
