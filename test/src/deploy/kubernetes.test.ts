import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test, { type TestContext } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { parse } from 'yaml'
import { ensureCommand } from '../support/debian.js'
import { type KubernetesObject, kustomized, problemsOf } from '../support/kubernetes-objects.js'
import { Running } from '../support/running-command.js'
import { root } from '../support/workspace.js'

const FOLDERS = ['base', 'overlays/development', 'overlays/production', 'sidecar'] as const
type Labels = Readonly<Record<string, string>>

/** The parts of the manifests that tests look at. */
interface Container {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
  readonly restartPolicy?: string
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } }
  readonly resources: { readonly requests: Labels; readonly limits: Labels }
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
}
interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly periodSeconds: number
}
interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector: { readonly matchLabels: Labels }
    readonly template: {
      readonly metadata: { readonly labels: Labels; readonly annotations: Labels }
      readonly spec: {
        readonly terminationGracePeriodSeconds: number
        readonly containers: readonly Container[]
        readonly initContainers?: readonly Container[]
        readonly volumes: readonly { readonly name: string; readonly configMap: { readonly name: string } }[]
      }
    }
  }
}
interface ConfigMap extends KubernetesObject {
  readonly metadata: { readonly name: string }
  readonly data: Readonly<Record<string, string>>
}

async function render(t: TestContext, folder: string): Promise<KubernetesObject[] | null> {
  const kubectl = await ensureCommand(t, 'kubectl')
  return kubectl === null ? null : await kustomized(kubectl, `examples/kubernetes/${folder}`)
}

function only<T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string): T {
  const found = objects.filter((object) => object.kind === kind)
  assert.equal(found.length, 1, kind)
  return found[0] as T
}

function gatewayIn({ spec }: Deployment): Container {
  const { containers, initContainers = [] } = spec.template.spec
  const found = [...initContainers, ...containers].find(({ name }) => name === 'gateway')
  assert.ok(found)
  return found
}

for (const folder of FOLDERS) {
  test(`${folder}: Kubernetes knows every field, and takes every value`, async (t) => {
    const objects = await render(t, folder)
    if (objects === null) return
    assert.deepEqual(objects.flatMap(problemsOf), [])
  })

  test(`${folder}: what selects pods selects those of the gateway, and what names a port names one`, async (t) => {
    const objects = await render(t, folder)
    if (objects === null) return
    const deployment = only<Deployment>(objects, 'Deployment')
    const { labels, annotations } = deployment.spec.template.metadata
    const ports = gatewayIn(deployment).ports
    const named = (name: unknown) => ports.find((port) => port.name === name)?.containerPort
    const text = JSON.stringify(objects)
    for (const [, selector = ''] of text.matchAll(/"(?:matchLabels|selector|podSelector)":(\{"app[^{}]*\})/g))
      for (const [label, value] of Object.entries(JSON.parse(selector) as Labels))
        assert.equal(labels[label], value)
    const service = only<KubernetesObject & { spec: { selector: Labels; ports: { targetPort: string }[] } }>(
      objects,
      'Service'
    )
    assert.ok(Object.keys(service.spec.selector).length > 0)
    assert.deepEqual(
      service.spec.ports.map(({ targetPort }) => named(targetPort)),
      [8080]
    )
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      assert.equal(named(gatewayIn(deployment)[probe].httpGet.port), 8085)
    assert.equal(Number(annotations['prometheus.io/port']), named('probes'))
  })

  test(`${folder}: the gateway that it starts is ready, forwards, and has stopped before it would be killed`, async (t) => {
    const objects = await render(t, folder)
    if (objects === null) return
    const deployment = only<Deployment>(objects, 'Deployment')
    const container = gatewayIn(deployment)
    const { spec } = deployment.spec.template
    const map = only<ConfigMap>(objects, 'ConfigMap')
    const volume = spec.volumes.find(({ name }) => name === container.volumeMounts[0]?.name)
    assert.equal(volume?.configMap.name, map.metadata.name)
    const file = `${container.volumeMounts[0]?.mountPath}/gateway.yaml`
    assert.deepEqual(Object.keys(map.data), ['gateway.yaml'])
    assert.ok(container.args.includes(file))

    const upstream = await fakeUpstream(t, { body: 'from the app' })
    const args = container.args.map((arg) => (arg === file ? 'gateway.yaml' : arg)).map(twoWorkers)
    // Ports of containers are each container's own; here they are the machine's.
    const running = new Running(t, args, map.data['gateway.yaml'] ?? '', {
      PORT: '0',
      PROBE_PORT: '0',
      UPSTREAM: upstream.url
    })
    const at = await running.printed(
      args.includes('--workers') ? /"url":"http:\/\/[^"]*:(\d+)/ : /listening at http:\/\/[^"]*:(\d+)/
    )
    const answer = await fetch(`http://127.0.0.1:${at}/orders/7`)
    assert.deepEqual([answer.status, await answer.text()], [200, 'from the app'])
    assert.equal(upstream.requests.at(-1)?.target, '/orders/7')

    const { wait, drain } = parse(map.data['gateway.yaml'] ?? '').shutdown as Record<'wait' | 'drain', string>
    const seconds = (text: string): number => Number(/^(\d+)(?:s|ms)$/.exec(text)?.[1])
    const hook = container.lifecycle?.preStop.sleep.seconds ?? 0
    assert.ok(hook + seconds(wait) + seconds(drain) < spec.terminationGracePeriodSeconds)
    running.signal('SIGTERM')
    await running.printed(/draining/)
    assert.equal((await running.ended()).code, 0)
  })
}

// As many as there are processors are too many for a test.
function twoWorkers(arg: string): string {
  return arg === 'auto' ? '2' : arg
}

test('a field that Kubernetes does not know, and a value that it does not take, are found', () => {
  const service = (port: object): KubernetesObject =>
    ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [port] } }) as never
  assert.deepEqual(problemsOf(service({ port: 80, targetPort: 'http' })), [])
  assert.deepEqual(problemsOf(service({ port: 80, targetPrt: 'http' })), [
    '/spec/ports/0/targetPrt is unknown'
  ])
  assert.match(problemsOf(service({ port: 'http' })).join(), /ports\/0\/port/)
})

test('base has three replicas with the probes, the hook and the rights that were asked for', async (t) => {
  const objects = await render(t, 'base')
  if (objects === null) return
  const deployment = only<Deployment>(objects, 'Deployment')
  const container = gatewayIn(deployment)
  assert.equal(deployment.spec.replicas, 3)
  assert.deepEqual(container.livenessProbe.httpGet.path, '/live')
  assert.equal(container.livenessProbe.periodSeconds, 10)
  assert.deepEqual(container.readinessProbe.httpGet.path, '/ready')
  assert.equal(container.readinessProbe.periodSeconds, 5)
  assert.equal(container.lifecycle?.preStop.sleep.seconds, 15)
  assert.match(JSON.stringify(deployment), /"runAsNonRoot":true/)
  assert.match(JSON.stringify(container), /"readOnlyRootFilesystem":true/)
  assert.match(JSON.stringify(container), /"capabilities":\{"drop":\["ALL"\]\}/)
})

test('production leaves the number of replicas to the autoscaler', async (t) => {
  const objects = await render(t, 'overlays/production')
  if (objects === null) return
  assert.equal(only<Deployment>(objects, 'Deployment').spec.replicas, undefined)
  const { spec } = only<KubernetesObject & { spec: { minReplicas: number } }>(
    objects,
    'HorizontalPodAutoscaler'
  )
  assert.equal(spec.minReplicas, 3)
  assert.deepEqual(gatewayIn(only<Deployment>(objects, 'Deployment')).resources, {
    requests: { cpu: 2, memory: '4Gi' },
    limits: { cpu: 8, memory: '16Gi' }
  })
})

test('a sidecar starts before the app and stops after it, and the app is reached through it alone', async (t) => {
  const objects = await render(t, 'sidecar')
  if (objects === null) return
  const { containers, initContainers } = only<Deployment>(objects, 'Deployment').spec.template.spec
  assert.deepEqual(
    initContainers?.map(({ name, restartPolicy }) => [name, restartPolicy]),
    [['gateway', 'Always']]
  )
  assert.equal(containers[0]?.ports, undefined)
  assert.ok(containers[0]?.lifecycle)
})

test('the image that the manifests start takes their arguments as its command', () => {
  const dockerfile = readFileSync(`${root}examples/docker/Dockerfile`, 'utf8')
  assert.match(dockerfile, /^ENTRYPOINT .*gatewright\.js"\]$/m)
  assert.match(dockerfile, /^CMD \["run", "\/etc\/gatewright\/gateway\.yaml"\]$/m)
  assert.match(dockerfile, /^USER 65532:65532$/m)
})
