export { MIGRATION_FROM, type MigrationFrom, migrate } from './migrate.js'
export {
  type Migration,
  MigrationError,
  type MigrationNote,
  type MigrationSource,
  type NoteKind,
  type Place,
  type ReadFile
} from './migration.js'
export { formatMigration } from './report.js'
