import { ConfigFileError, loadConfig, showSources, withPositions } from '@gatewright/config'
import { createGateway } from '@gatewright/gateway'
import { serveWorker } from '@gatewright/workers'
import { failureText } from './failures.js'
import { withLint } from './lint-changes.js'
import { type Overrides, overridden } from './overrides.js'

/** What a worker of the command does. `argument` is what the primary has given it: files and overrides, as JSON. */
export function runWorker(argument = '{}'): void {
  const { files, overrides } = JSON.parse(argument) as {
    readonly files: readonly string[]
    readonly overrides: Overrides
  }
  serveWorker({
    create: (config, seams) =>
      // The primary reads the sources, and shows how they are; their alert is generated here.
      withLint(createGateway(config, seams)).register(async ({ gateway }) =>
        showSources(gateway, { sources: [] })
      ),
    async read(version) {
      const loaded = await loadConfig([...files], { replay: JSON.parse(version) })
      return {
        config: overridden(loaded.config, overrides),
        problemsOf(error) {
          const told = withPositions(error, loaded)
          return told instanceof ConfigFileError ? told.message : `gatewright: ${failureText(told)}`
        }
      }
    }
  })
}
