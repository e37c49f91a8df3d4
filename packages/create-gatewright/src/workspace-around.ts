import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The file of the workspace that a folder lies in, if any: package managers then install for that one. */
export function workspaceAround(folder: string): string | null {
  for (let at = dirname(folder); ; at = dirname(at)) {
    const pnpm = join(at, 'pnpm-workspace.yaml')
    if (existsSync(pnpm)) return pnpm
    const manifest = join(at, 'package.json')
    if (hasWorkspaces(manifest)) return manifest
    if (at === dirname(at)) return null
  }
}

function hasWorkspaces(manifest: string): boolean {
  try {
    return 'workspaces' in JSON.parse(readFileSync(manifest, 'utf8'))
  } catch {
    // None, or none that can be read: no package manager takes it for a workspace either.
    return false
  }
}
