import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder } from '../bench/machine/children.mjs'
import { root } from '../bench/paths.mjs'

/** Compiled files that decide something: no tests, no schemas, no generated validators, no lists of exports. */
export function decisionFiles(name) {
  const folder = `packages/${name}/dist`
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .filter((file) => !/\.test\.js$|(^|\/)(index|schema[^/]*|validate[^/]*|config)\.js$/.test(file))
    .map((file) => `${folder}/${file}`)
    .sort()
}

/** Compiled tests of a folder of compiled files, relative to the repository. */
export function testsIn(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => `${folder}/${file}`)
    .sort()
}

/** A copy of what tests need, in which a file may be another way for a while. */
export class Workspace {
  folder

  constructor(folder) {
    this.folder = folder
  }

  static async create() {
    const folder = await temporaryFolder('mutate')
    for (const part of ['packages', 'scripts', 'test', 'examples', 'docs', 'package.json', 'tsconfig.json'])
      cpSync(join(root, part), join(folder, part), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !path.includes('/.git/')
      })
    copyModules(join(root, 'node_modules'), join(folder, 'node_modules'))
    return new Workspace(folder)
  }

  read(file) {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  /** Runs `work` while `file` has another text. */
  async with(file, text, work) {
    const before = this.read(file)
    writeFileSync(join(this.folder, file), text)
    try {
      return await work()
    } finally {
      writeFileSync(join(this.folder, file), before)
    }
  }
}

/** Packages of the workspace are links within it and are copied as such; others are linked. */
function copyModules(from, to) {
  cpSync(join(from, '@gatewright'), join(to, '@gatewright'), { recursive: true, verbatimSymlinks: true })
  for (const name of readdirSync(from))
    if (name !== '@gatewright') symlinkSync(resolve(from, name), join(to, name))
}
