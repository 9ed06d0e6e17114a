export { type OperatorReport, type OperatorSources, operatorServer } from './operator-server.ts'
export { type ReadinessCheck, reportOf } from './readiness.ts'
