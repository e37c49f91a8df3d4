// Asks the app whether it is ready: the health check of the container.
const { PORT = '8080' } = process.env
const response = await fetch(`http://127.0.0.1:${PORT}/ready`).catch(() => null)
process.exitCode = response?.ok ? 0 : 1
