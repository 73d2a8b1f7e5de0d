// Runs dynalite for dynamodb.ts: argv is PORT FOLDER. Ends with its parent, whose pipe is the standard input.
import dynalite from 'dynalite'

const [port, path] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).on('error', () => process.exit())
process.stdin.resume()
// Tables are there at once: the waiting of the real service only costs time here.
const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
process.on('SIGTERM', () => server.close(() => process.exit()))
server.listen(Number(port), '127.0.0.1')
