import { type Migration, type MigrationNote, NOTE_KINDS, type NoteKind } from './migration.js'

const WORDS: Readonly<Record<NoteKind, string>> = {
  closed: 'CLOSED',
  'left-out': 'left out',
  differs: 'differs',
  'not-needed': 'not needed'
}

/** The notes of a migration as text: one line each, and a count of each kind. Empty where there is nothing to tell. */
export function formatMigration({ notes }: Pick<Migration, 'notes'>): string {
  if (notes.length === 0) return ''
  return [...notes.map(lineOf), '', `${countsOf(notes)}`, ''].join('\n')
}

function lineOf({ file, line, kind, what, message }: MigrationNote): string {
  return `${file}:${line}  ${WORDS[kind].padEnd(10)}  ${what}: ${message}`
}

function countsOf(notes: readonly MigrationNote[]): string {
  return NOTE_KINDS.flatMap((kind) => {
    const count = notes.filter((note) => note.kind === kind).length
    return count === 0 ? [] : [`${count} ${WORDS[kind]}`]
  }).join(', ')
}
