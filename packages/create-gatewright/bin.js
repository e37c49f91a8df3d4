#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `create-gatewright: Node ${process.versions.node} is too old: 20.19 or newer is needed\n`
  )
  process.exitCode = 1
} else {
  // Whoever reads the output may stop reading: `| head -1`.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })
  const { main } = await import('./lib/index.js')
  process.exitCode = await main(process.argv.slice(2))
}
