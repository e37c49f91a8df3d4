import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { root } from './workspace.js'

/** A block of a page, as a program. */
export interface Snippet {
  /** The page's path in the repository. */
  readonly page: string
  /** The line of its first line of code in the page, counted from 1. */
  readonly line: number
  readonly code: string
}

/** A folder with all snippets in it, in reach of the workspace's packages. */
export interface SnippetProject {
  /** What TypeScript has to say about a page, one problem a line, with the page's own line numbers. */
  problemsOf(page: string): string[]
  /** The compiled program. */
  programOf(snippet: Snippet): string
  remove(): void
}

/** Compiles the snippets as modules of the workspace. */
export async function compileSnippets(snippets: readonly Snippet[]): Promise<SnippetProject> {
  mkdirSync(`${root}.cache`, { recursive: true })
  const folder = mkdtempSync(`${root}.cache/snippets-`)
  mkdirSync(`${folder}/src`)
  writeFileSync(`${folder}/package.json`, '{ "type": "module" }')
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(TSCONFIG))
  // Empty lines in front give the snippet the line numbers of its page.
  for (const snippet of snippets)
    writeFileSync(`${folder}/src/${nameOf(snippet)}.ts`, '\n'.repeat(snippet.line - 1) + snippet.code)
  const problems = snippets.length === 0 ? [] : (await compile(folder)).split('\n')
  const general = problems.find((problem) => /^(?!src\/)\S/.test(problem))
  if (general !== undefined) throw new Error(general)
  return {
    problemsOf(page) {
      const prefix = `src/${slug(page)}.`
      return problems
        .filter((problem) => problem.startsWith(prefix))
        .map((problem) => problem.replace(/^src\/[^(]+/, page))
    },
    programOf: (snippet) => `${folder}/dist/${nameOf(snippet)}.js`,
    remove: () => rmSync(folder, { recursive: true })
  }
}

const TSCONFIG = {
  extends: '../../tsconfig.base.json',
  compilerOptions: {
    ...{ composite: false, incremental: false, declaration: false, sourceMap: false, inlineSources: false },
    ...{ noUnusedLocals: false, noUnusedParameters: false },
    ...{ rootDir: 'src', outDir: 'dist' }
  },
  include: ['src']
}

function compile(folder: string): Promise<string> {
  const tsc = `${root}node_modules/typescript/bin/tsc`
  return new Promise((resolve) => {
    execFile(process.execPath, [tsc, '-p', '.', '--pretty', 'false'], { cwd: folder }, (_error, stdout) =>
      resolve(stdout)
    )
  })
}

function nameOf({ page, line }: Snippet): string {
  return `${slug(page)}.${line}`
}

function slug(page: string): string {
  return page.replaceAll('/', '__')
}
