import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { operatorServer } from '../operator/index.ts'
import { createLogger, isAppError, type Logger, listen } from '../platform/index.ts'
import { OperatorDesk } from './operator-desk.ts'
import type { Addresses } from './served-fig.ts'
import { exitCodeAtOnce, listenToControl, type Surroundings, untilStopped } from './signals.ts'
import { Staff } from './staff.ts'

/**
 * The primary: keeps the workers and answers the operator for them. It serves no visitor, so nothing that a request does can
 * reach it. Returns when it was told to stop and every worker has drained.
 * @throws AppError as one process would, with no worker left
 */
export async function serveWithWorkers(
  config: Config,
  surroundings: Surroundings,
  onUp: (addresses: Addresses) => void,
): Promise<void> {
  const log = createLogger({ level: config.logLevel })
  const desk = new OperatorDesk(log)
  listenToControl(surroundings, { hangUp: () => desk.staff?.reload(), renew: () => void desk.staff?.renew() })
  const operator = operatorServer(desk)
  const operatorUrl = await listen(operator, 'operator', config.operatorHost, config.operatorPort)
  operator.on('error', (error) => log.error({ err: error }, 'a connection could not be accepted'))
  try {
    const { staff, ...urls } = await startStaff(config, log, desk)
    const addresses = { ...urls, operatorUrl }
    const { workers, legacyUrls } = config
    log.info({ ...addresses, workers, legacy: legacyUrls.map(({ href }) => href).join(' ') }, 'fig is up')
    onUp(addresses)
    await untilStopped(surroundings, () => {
      staff.killAll()
      surroundings.exit(exitCodeAtOnce)
    })
    log.info('draining the workers')
    await staff.stop()
  } finally {
    operator.close()
    operator.closeAllConnections()
  }
}

// --- internal ---

async function startStaff(
  config: Config,
  log: Logger,
  desk: OperatorDesk,
): Promise<Addresses & { readonly staff: Staff }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = config.port === 0 ? await freePort(config.host) : config.port
    const staff = new Staff({ ...config, port }, log, desk)
    desk.attend(staff)
    try {
      return { staff, ...(await staff.start()) }
    } catch (error) {
      const isLost = config.port === 0 && isAppError(error, 'edge.port-in-use') && attempt < freePortAttemptsMax
      if (!isLost) throw error
    }
  }
}

/** Somebody else may take it before the first worker does. */
const freePortAttemptsMax = 5

/** Workers share a port by its number; zero would be another one for those who come when all have died. */
async function freePort(host: string): Promise<number> {
  const server = createServer()
  const { port } = new URL(await listen(server, 'public', host, 0))
  await new Promise((resolve) => server.close(resolve))
  return Number(port)
}
