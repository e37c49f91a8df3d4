// A demonstration service as a program of its own, for compose.yaml.
import { accountAnswer } from './services.js'
import { DemoUpstream } from './upstream.js'

const { NAME = 'demo', PORT = '3000' } = process.env
const answer = NAME === 'account' ? accountAnswer : undefined
const upstream = await new DemoUpstream(NAME, answer, Number(PORT)).start('0.0.0.0')
process.once('SIGTERM', () => upstream.kill())
