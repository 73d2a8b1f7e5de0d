// Runs a container's command and ends it with the stack: also after a SIGKILL of the stack, which tells nobody. Plain
// JavaScript, because it must start fast and without a loader.
import { spawn } from 'node:child_process'

const [command, ...args] = process.argv.slice(2)
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true })

child.on('error', (error) => {
  console.error(`The container could not be started: ${error.message}`)
  process.exit(127)
})
child.on('exit', (code, signal) => {
  if (signal) console.error(`The container was ended by ${signal}`)
  else if (code) console.error(`The container ended with ${code}`)
  process.exit(code ?? 1)
})
process.on('message', (signal) => child.kill(signal))
process.on('disconnect', () => child.kill('SIGKILL'))
