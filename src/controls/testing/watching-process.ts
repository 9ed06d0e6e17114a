/** A process that follows the kill switch and writes a line whenever its snapshot changes. Ends with its standard input. */
import { silentLogger } from '../../platform/index.ts'
import { openControls } from '../index.ts'

const [url = '', ownSchema = '', group = ''] = process.argv.slice(2)
const controls = await openControls({ postgres: { url }, ownSchema, log: silentLogger() })
await controls.start()
let epoch = -1
const looking = setInterval(() => {
  const snapshot = controls.snapshot()
  if (snapshot.epoch === epoch) return
  epoch = snapshot.epoch
  process.stdout.write(`${JSON.stringify({ epoch, side: snapshot.kills.sideOf(group), at: Date.now() })}\n`)
}, 2)
process.stdin.resume().on('end', () => {
  clearInterval(looking)
  void controls.close()
})
