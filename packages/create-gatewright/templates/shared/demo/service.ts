// A demonstration service as a program of its own, for compose.yaml.
import { DemoUpstream } from './upstream.js'

const { NAME = 'demo', PORT = '3000' } = process.env
const upstream = await new DemoUpstream(NAME, undefined, Number(PORT)).start('0.0.0.0')
process.once('SIGTERM', () => upstream.kill())
