import { Agent, createServer } from 'node:http'
import { createProxyServer } from 'http-proxy-3'

const [port, target] = process.argv.slice(2)
const proxy = createProxyServer({ target, xfwd: true, agent: new Agent({ keepAlive: true }) })
proxy.on('error', (_error, _req, res) => res.destroy())
const server = createServer((req, res) => proxy.web(req, res))
server.keepAliveTimeout = 75_000
server.listen(Number(port), '127.0.0.1', 4_096)
