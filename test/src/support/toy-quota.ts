import { type Exchange, panel, type ReasonInfo } from '@gatewright/core'
import { GatewayError } from '@gatewright/gateway'
import type { FastifyInstance } from 'fastify'

declare module '@gatewright/core' {
  interface Reasons {
    quota_spent: ReasonInfo
  }
  interface GatewayEvents {
    quota: { readonly exchange: Exchange; readonly tenant: string; readonly left: number }
  }
  interface ExchangeFacts {
    tenant: string
  }
}

const QUOTA_SPENT = {
  name: 'quota_spent',
  status: 429,
  title: 'The quota is spent',
  blames: 'client',
  mayAnswer: () => true
} as const

/** A feature as a plugin of its own may be: so many requests for each tenant. It is told of nowhere but here. */
export function quotas(most: number) {
  return async function quotas({ gateway }: FastifyInstance): Promise<void> {
    const slot = gateway.claimSlot()
    const used = new Map<string, number>()
    gateway.reasons.add(QUOTA_SPENT)
    gateway.events.describe('quota', {
      span: true,
      note: ({ tenant, left }) => `tenant ${tenant} has ${left} requests left`,
      isFailure: ({ left }) => left === 0,
      counters: [
        {
          name: 'toy_quota_checks_total',
          help: 'Requests whose quota was looked at.',
          labels: ['tenant', 'result'],
          read: ({ tenant, left }, count) => count(tenant, left < 0 ? 'spent' : 'left'),
          zeros: (_snapshot, count) => count('acme', 'spent')
        }
      ]
    })
    gateway.facts.add({
      name: 'tenant',
      read: (exchange) => (exchange.slot(slot) as string | undefined) ?? null,
      log: 'tenant',
      attribute: 'toy.tenant',
      ofAttempts: true,
      counter: { name: 'toy_requests_total', help: 'Requests by tenant.', label: 'tenant' },
      note: (tenant) => `It was sent for tenant ${tenant}.`
    })
    gateway.monitoring.push({
      isUsed: () => true,
      alerts: [
        {
          name: 'ToyQuotaSpent',
          expr: 'rate(toy_quota_checks_total{result="spent"}[5m]) > 0',
          for: '5m',
          severity: 'ticket',
          summary: 'Tenant {{ $labels.tenant }} has spent its quota',
          description: 'Its requests get 429 quota_spent.'
        }
      ],
      panels: [panel('Quotas', 'reqps', ['sum by (tenant) (rate(toy_quota_checks_total[5m]))', '{{tenant}}'])]
    })
    gateway.stages.admissions.push({
      name: 'quotas',
      admit(exchange, done) {
        const tenant = String(exchange.headers['x-tenant'])
        const left = most - (used.get(tenant) ?? 0) - 1
        exchange.setSlot(slot, tenant)
        used.set(tenant, most - left)
        gateway.events.emit('quota', { exchange, tenant, left })
        done(left < 0 ? new GatewayError(QUOTA_SPENT, { detail: `tenant ${tenant}` }) : undefined)
      }
    })
  }
}
