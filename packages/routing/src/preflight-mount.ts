import { MOUNTED } from '@gatewright/core'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { Mount, type MountPlan } from './mount.js'

/**
 * Brings preflights for native routes to the table where it is not mounted for their paths: as soon as there is a native
 * route, OPTIONS of every path in the scope. What no route of the gateway answers is left to the app.
 */
export class PreflightMount {
  /** `null` while there is no native route. */
  mount: Mount | null = null

  constructor(app: FastifyInstance, options: MountPlan['options']) {
    app.addHook('onRoute', ({ config }: RouteOptions) => {
      const own = config?.gateway
      if (own !== undefined && own !== MOUNTED)
        this.mount ??= new Mount(app, { prefix: '', bases: [], methods: ['OPTIONS'], options })
    })
  }
}
