#!/usr/bin/env node
// Plain JavaScript that every Node can read, so that one that is too old is told so.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`gatewright needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(2)
}
const { main, processTerminal } = await import('../lib/index.js')
process.exitCode = await main(process.argv.slice(2), processTerminal())
