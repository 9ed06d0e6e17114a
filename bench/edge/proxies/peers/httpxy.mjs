import { createServer } from 'node:http'
import { createProxyServer } from 'httpxy'

const [port, target] = process.argv.slice(2)
// It keeps its connections by itself.
const proxy = createProxyServer({ target, xfwd: true })
const server = createServer((req, res) => {
  proxy.web(req, res).catch(() => res.destroy())
})
server.keepAliveTimeout = 75_000
server.listen(Number(port), '127.0.0.1', 4_096)
