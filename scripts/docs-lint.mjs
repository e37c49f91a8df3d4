// Writes the rules of docs/lint.md, behind its guide, from the rules themselves. With --check it only says if the page is stale.
import { readFileSync, writeFileSync } from 'node:fs'

const { RULES } = await import(new URL('../packages/lint/lib/index.js', import.meta.url))
const page = new URL('../docs/lint.md', import.meta.url)

const BEGIN =
  '<!-- Written by scripts/docs-lint.mjs from the rules. Edit them in packages/lint/src/rules. -->'

const before = readFileSync(page, 'utf8')
const [guide] = before.split(BEGIN)
const text = `${guide}${BEGIN}\n\n${[overview(), ...RULES.map(section)].join('\n\n')}\n`
if (!process.argv.includes('--check')) writeFileSync(page, text)
else if (before !== text) {
  console.error('docs/lint.md is stale: run `node scripts/docs-lint.mjs`')
  process.exitCode = 1
}

function overview() {
  const rows = RULES.map(
    ({ id, severity, title }) => `| [\`${id}\`](#${anchorOf(id)}) | ${severity} | ${title} |`
  )
  return ['| rule | severity | what is found |', '| --- | --- | --- |', ...rows].join('\n')
}

function section({ id, severity, title, explanation, fix, found, clean }) {
  return [
    `### \`${id}\``,
    `${title}. *${severity}*`,
    explanation,
    `**Fix**: ${fix}`,
    'Found in:',
    yaml(found),
    'Not in:',
    yaml(clean)
  ].join('\n\n')
}

function yaml(text) {
  return `\`\`\`yaml\n${text.trim()}\n\`\`\``
}

function anchorOf(id) {
  return id.replaceAll('.', '')
}
