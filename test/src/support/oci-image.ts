import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A line of a Dockerfile, such as `USER 65532`. */
interface Instruction {
  readonly keyword: string
  readonly rest: string
}

/** An image in an OCI layout, built from a Dockerfile without Docker. */
export interface OciImage {
  /** The layout's folder and the image's tag, as umoci and skopeo take it: `…/image:built`. */
  readonly reference: string
  /** HEALTHCHECK's command, which OCI has no place for. */
  readonly healthCommand: readonly string[]
}

/** How an image is built. */
export interface ImageBuild {
  readonly dockerfile: string
  /** What the builder is sent. */
  readonly context: string
  /** Files that are in a stage before its first RUN, by the stage's name. */
  readonly besides: Readonly<Record<string, string>>
  readonly umoci: string
}

/**
 * Builds a Dockerfile of two stages: COPY and RUN of the first on this machine, in a folder; COPY of the last into a root that
 * has Node and its libraries, as its base has; the rest into the image's configuration.
 */
export async function buildImage(t: TestContext, build: ImageBuild): Promise<OciImage> {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-image-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const stages = stagesOf(build.dockerfile)
  const roots = new Map<string, string>()
  const last = stages.at(-1)
  if (last === undefined) throw new Error('a Dockerfile has a stage')
  for (const stage of stages) {
    const root = join(folder, `stage-${stage.name}`)
    mkdirSync(root)
    roots.set(stage.name, root)
    if (stage === last) await withNode(root)
    let workdir = '/'
    for (const { keyword, rest } of stage.instructions) {
      if (keyword === 'WORKDIR') {
        workdir = rest
        mkdirSync(join(root, workdir), { recursive: true })
      }
      if (keyword === 'COPY') await copy(build.context, roots, root, workdir, rest)
      if (keyword === 'RUN') {
        const besides = build.besides[stage.name]
        if (besides !== undefined) cpSync(besides, join(root, workdir), { recursive: true })
        await execute('sh', ['-c', rest], { cwd: join(root, workdir), maxBuffer: 2 ** 26 })
      }
    }
  }
  return await packed(folder, roots.get(last.name) as string, last.instructions, build.umoci)
}

function stagesOf(dockerfile: string): { readonly name: string; readonly instructions: Instruction[] }[] {
  const stages: { name: string; instructions: Instruction[] }[] = []
  for (const line of dockerfile.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [keyword = '', ...words] = line.split(' ')
    if (keyword === 'FROM') stages.push({ name: words[2] ?? 'last', instructions: [] })
    else stages.at(-1)?.instructions.push({ keyword, rest: words.join(' ') })
  }
  return stages
}

async function copy(
  context: string,
  roots: ReadonlyMap<string, string>,
  root: string,
  workdir: string,
  rest: string
): Promise<void> {
  const words = rest.split(' ')
  const [, stage] = /^--from=(.*)$/.exec(words[0] ?? '') ?? []
  const from = stage === undefined ? context : (roots.get(stage) as string)
  const names = words.slice(stage === undefined ? 0 : 1)
  const target = names.pop() ?? ''
  const to = join(root, target.startsWith('/') ? target : join(workdir, target))
  // As links: thousands of files would take a minute to copy.
  for (const name of names)
    await execute('cp', ['-alT', join(from, name), target.endsWith('/') ? join(to, basename(name)) : to])
}

/** What the base has that is relied on: Node where it stands there, the libraries it is linked with, and users. */
async function withNode(root: string): Promise<void> {
  const { stdout } = await execute('ldd', [process.execPath])
  const files: [string, string][] = [[process.execPath, '/nodejs/bin/node']]
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(/g)) files.push([library, library])
  for (const [from, to] of files) {
    mkdirSync(dirname(root + to), { recursive: true })
    cpSync(from, root + to, { dereference: true })
    chmodSync(root + to, 0o755)
  }
  for (const name of ['proc', 'tmp', 'etc']) mkdirSync(join(root, name), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n')
}

async function packed(
  folder: string,
  root: string,
  instructions: readonly Instruction[],
  umoci: string
): Promise<OciImage> {
  const layout = join(folder, 'image')
  const reference = `${layout}:built`
  const bundle = join(folder, 'bundle')
  const run = (...args: string[]) => execute(umoci, args)
  await run('init', '--layout', layout)
  await run('new', '--image', reference)
  await run('unpack', '--image', reference, bundle)
  rmSync(join(bundle, 'rootfs'), { recursive: true })
  renameSync(root, join(bundle, 'rootfs'))
  await run('repack', '--image', reference, bundle)
  const options: string[] = []
  let healthCommand: string[] = []
  for (const { keyword, rest } of instructions) {
    const list = (): string[] => JSON.parse(rest.slice(rest.indexOf('['))) as string[]
    if (keyword === 'USER') options.push('--config.user', rest)
    if (keyword === 'WORKDIR') options.push('--config.workingdir', rest)
    if (keyword === 'ENV') options.push('--config.env', rest)
    if (keyword === 'STOPSIGNAL') options.push('--config.stopsignal', rest)
    if (keyword === 'EXPOSE')
      for (const port of rest.split(' ')) options.push('--config.exposedports', `${port}/tcp`)
    if (keyword === 'ENTRYPOINT') for (const word of list()) options.push('--config.entrypoint', word)
    if (keyword === 'CMD') for (const word of list()) options.push('--config.cmd', word)
    if (keyword === 'HEALTHCHECK') healthCommand = list()
  }
  await run('config', '--image', reference, ...options)
  return { reference, healthCommand }
}

/** What starts a command in a root that cannot be written, as a user without rights: words to put before it. */
export function confined(root: string, user: string): string[] {
  const script = [
    'root=$1 user=$2',
    'shift 2',
    'mount --bind "$root" "$root"',
    'mount -t proc proc "$root/proc"',
    'mount -o remount,ro,bind "$root"',
    'exec chroot --userspec="$user" "$root" "$@"'
  ].join(' && ')
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', root, user]
}
