import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type Ports, partNames, StackError } from './parts.ts'
import { checkPorts, portState, reserveFreePorts } from './ports.ts'

const cleanUps: (() => unknown)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

async function freePorts(): Promise<Ports> {
  const reservation = await reserveFreePorts()
  cleanUps.push(() => reservation.release())
  return reservation.ports
}

async function occupy(port: number, host = '127.0.0.1'): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  cleanUps.push(() => server.close())
  return server
}

async function refusal(ports: Ports): Promise<string> {
  const error = await checkPorts(ports, partNames).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StackError)
  return (error as StackError).explain()
}

describe('checking ports before anything is started', () => {
  it('lets free ports pass', async () => {
    await expect(checkPorts(await freePorts(), partNames)).resolves.toBeUndefined()
  })

  it('names the port, what it was wanted for, who holds it and how to move it', async () => {
    const ports = await freePorts()
    await occupy(ports.unleash)
    const text = await refusal(ports)
    expect(text).toContain(`Port ${ports.unleash}, wanted for Unleash, is held by process ${process.pid} (`)
    expect(text).toContain('--unleash-port <port>')
    expect(text).toContain('--ports-from')
  })

  it('names all of them at once', async () => {
    const ports = await freePorts()
    await occupy(ports.site)
    await occupy(ports.mariadb, '0.0.0.0')
    const text = await refusal(ports)
    expect(text).toContain(`Port ${ports.site}, wanted for the site through Fig`)
    expect(text).toContain(`Port ${ports.mariadb}, wanted for MariaDB`)
  })

  it('does not mind ports of parts that are not wanted', async () => {
    const ports = await freePorts()
    await occupy(ports.unleash)
    await expect(checkPorts(ports, ['mariadb', 'postgres'])).resolves.toBeUndefined()
  })

  it('refuses one port for two parts', async () => {
    const ports = await freePorts()
    const text = await refusal({ ...ports, legacy: ports.site })
    expect(text).toContain(`Port ${ports.site} is wanted for both the site through Fig and the legacy site`)
  })
})

describe('free ports', () => {
  it('are free, all different, and not given twice while they are held', async () => {
    const drawn = await Promise.all(Array.from({ length: 20 }, freePorts))
    const numbers = drawn.flatMap((ports) => Object.values(ports))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(await Promise.all(numbers.map(portState))).toEqual(numbers.map(() => 'free'))
  })
})
