import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Service } from 'kubernetes-models/v1'
import { parseAllDocuments } from 'yaml'
import { root } from './workspace.js'

/** An object as it is sent to Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
}

/** A class of kubernetes-models. */
interface ModelClass {
  readonly apiVersion: string
  readonly kind: string
  readonly prototype: { validate(): void }
}

const MODELS: readonly ModelClass[] = [
  Deployment,
  HorizontalPodAutoscaler,
  NetworkPolicy,
  PodDisruptionBudget,
  ConfigMap,
  Namespace,
  Service
]

/** What Kustomize makes of a folder of the repository; `kubectl` is its path. */
export async function kustomized(kubectl: string, folder: string): Promise<KubernetesObject[]> {
  const { stdout } = await promisify(execFile)(kubectl, ['kustomize', `${root}${folder}`])
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject)
}

/** What the API's schema says against an object: one problem a line, unknown fields among them. */
export function problemsOf(object: KubernetesObject): string[] {
  const model = MODELS.find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind
  )
  if (model === undefined) return [`${object.apiVersion} ${object.kind}: there is no model of it`]
  const read = new Set<string>()
  try {
    model.prototype.validate.call(noting(object, '', read))
  } catch (error) {
    return [(error as Error).message]
  }
  return [...unreadIn(object, '', read)]
}

// The models take fields that the API does not know. But their validators read every field that they do know.
function noting<T extends object>(value: T, path: string, read: Set<string>): T {
  return new Proxy(value, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name)
      if (typeof name === 'symbol' || !Object.hasOwn(target, name)) return found
      const at = `${path}/${name}`
      read.add(at)
      return typeof found === 'object' && found !== null ? noting(found, at, read) : found
    }
  })
}

function* unreadIn(value: object, path: string, read: Set<string>): Iterable<string> {
  for (const [name, inner] of Object.entries(value)) {
    const at = `${path}/${name}`
    if (!read.has(at)) yield `${at} is unknown`
    else if (typeof inner === 'object' && inner !== null) yield* unreadIn(inner, at, read)
  }
}
