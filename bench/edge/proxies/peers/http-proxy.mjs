import { Agent, createServer } from 'node:http'
import httpProxy from 'http-proxy'

const [port, target] = process.argv.slice(2)
// Without an agent of its own http-proxy opens a connection for each request.
const proxy = httpProxy.createProxyServer({ target, xfwd: true, agent: new Agent({ keepAlive: true }) })
proxy.on('error', (_error, _req, res) => res.destroy())
const server = createServer((req, res) => proxy.web(req, res))
server.keepAliveTimeout = 75_000
server.listen(Number(port), '127.0.0.1', 4_096)
