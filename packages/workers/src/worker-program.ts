import type { GatewayBuilder, GatewaySeams, GatewayServerConfig } from '@gatewright/gateway'

/** A version, read. */
export interface WorkerConfig {
  readonly config: GatewayServerConfig
  /** What an error of the gateway about it says, in the words of where it comes from. Default: its message. */
  readonly problemsOf?: (error: unknown) => string
}

/** What workers run. */
export interface WorkerProgram {
  /** The configuration of a version. What it rejects with is what is wrong with it. */
  read(version: string): Promise<WorkerConfig>
  /** Makes the gateway, and adds what is code: plugins, hooks. Default: `createGateway(config, seams)`. */
  create?(config: GatewayServerConfig, seams: GatewaySeams): GatewayBuilder
}
