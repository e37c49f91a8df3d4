import assert from 'node:assert/strict'
import { createGateway } from '@gatewright/gateway'

/** The sentences with which a configuration is refused; empty when a gateway starts with it. Of any shape. */
export async function configProblems(config: unknown): Promise<string[]> {
  const quiet = typeof config === 'object' && config !== null && !Array.isArray(config)
  const whole = quiet ? { logger: false, accessLog: false, ...config } : config
  let gateway: ReturnType<typeof createGateway> | null = null
  try {
    gateway = createGateway(whole as object)
    await gateway.ready()
    return []
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    assert.equal(code, 'GW_CONFIG_INVALID', String((error as Error).stack))
    const [title, ...bullets] = message.split('\n')
    assert.equal(title, 'The gateway configuration is not valid:')
    return bullets.map((bullet) => bullet.replace('  - ', ''))
  } finally {
    await gateway?.close()
  }
}
