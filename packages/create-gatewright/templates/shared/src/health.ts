// Asks the gateway whether it is ready: the health check of the container.
const { PROBE_PORT = '8085' } = process.env
const response = await fetch(`http://127.0.0.1:${PROBE_PORT}/ready`).catch(() => null)
process.exitCode = response?.ok ? 0 : 1
