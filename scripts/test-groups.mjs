// Puts small test files into one process: to start Node and to load the packages takes longer than most of them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'

/** How many files of one package run in one process, and how many of one folder of the tests of the whole. */
const OF_A_PACKAGE = 20
const OF_A_FOLDER = 4

/** Folders of `test` whose files look at the whole process, start many others, or take long: one process each. */
const ALONE = new Set([
  'config',
  'deploy',
  'lifecycle',
  'metrics',
  'project',
  'security',
  'storms',
  'template',
  'tracing',
  'workers'
])

/**
 * The modules to run in place of `files`: each imports the files of one process. A file alone stands for itself.
 * They are written into `folder`.
 */
export function groupsOf(files, root, folder) {
  mkdirSync(folder, { recursive: true })
  const groups = new Map()
  for (const file of files) {
    const { name, most } = groupOf(relative(root, file))
    let number = 1
    while (groups.get(`${name}-${number}`)?.length === most) number++
    const members = groups.get(`${name}-${number}`) ?? []
    groups.set(`${name}-${number}`, [...members, file])
  }
  return [...groups].sort(longFirst).map(([name, members]) => {
    if (members.length === 1) return members[0]
    const module = join(folder, `${name}.test.mjs`)
    writeFileSync(module, members.map((file) => `import '${pathToFileURL(file).href}'\n`).join(''))
    return module
  })
}

/** What runs alone takes long, and begins first, so that it is not what all wait for at the end. */
const longFirst = ([, of], [, to]) => Number(to.length === 1) - Number(of.length === 1)

function groupOf(path) {
  const [workspaces, workspaceOrDist, folder] = path.split('/')
  if (workspaces === 'packages') return { name: workspaceOrDist, most: OF_A_PACKAGE }
  return { name: `test-${folder}`, most: ALONE.has(folder) ? 1 : OF_A_FOLDER }
}
