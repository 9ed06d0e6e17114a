/** A MariaDB for each copy, so that the database has the same name in both: applications make keys and cookies of it. */
import { prepareMariadb } from '../scripts/stack/mariadb.ts'
import { runProgram } from './run-program.ts'

export interface Database {
  readonly name: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export function databaseAt(port: number): Database {
  return { name: 'compat', port, user: 'compat', password: 'compat' }
}

export interface MariadbFolder {
  readonly dir: string
  readonly port: number
  readonly durable: boolean
}

/** @param start starts the server once its folder is there */
export async function createDatabase(
  folder: MariadbFolder,
  database: Database,
  start: () => Promise<void>,
): Promise<void> {
  await prepareMariadb(folder)
  await start()
  const { name, user, password } = database
  const statements = `create database ${name} character set utf8mb4;
grant all on *.* to '${user}'@'127.0.0.1' identified by '${password}';`
  await runProgram(clientOf('mariadb', database), { input: statements })
}

export async function runSql(database: Database, statements: string): Promise<void> {
  const words = ['--default-character-set=utf8mb4', `--database=${database.name}`]
  await runProgram([...clientOf('mariadb', database), ...words], { input: statements })
}

export async function copyDatabase(from: Database, to: Database, dumpProgram: string): Promise<void> {
  const dump = await runProgram([...clientOf(dumpProgram, from), '--hex-blob', '--routines', from.name])
  await runSql(to, dump)
}

/** What PHP finds in its environment. */
export function databaseEnvironment({ name, port, user, password }: Database): Readonly<Record<string, string>> {
  return {
    COMPAT_DATABASE: name,
    COMPAT_DATABASE_HOST: `127.0.0.1:${port}`,
    COMPAT_DATABASE_USER: user,
    COMPAT_DATABASE_PASSWORD: password,
  }
}

// --- internal ---

function clientOf(program: string, { port }: Database): readonly string[] {
  return [program, '--no-defaults', '--protocol=tcp', '--host=127.0.0.1', `--port=${port}`, '--user=root']
}
