import httpProxy from '@fastify/http-proxy'
import fastify from 'fastify'

const [port, upstream] = process.argv.slice(2)
const server = fastify({ keepAliveTimeout: 75_000, bodyLimit: Number.MAX_SAFE_INTEGER })
// The figures for undici are those of its README.
server.register(httpProxy, { upstream, undici: { connections: 128, pipelining: 1 } })
await server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096 })
