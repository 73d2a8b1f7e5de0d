// A model container for tests: what it does stands in the request. `PING` decides how it starts.
const { createServer } = require('node:http')

const [startedAt, pingMode] = [Date.now(), process.env.PING ?? 'good']
let pings = 0
let running = 0
let most = 0
let isBroken = false

function answerPing(response) {
  pings += 1
  if (pingMode === 'exit') process.exit(1)
  if (pingMode === 'broken' || isBroken) return response.writeHead(500).end()
  // Loads for a while, and says so.
  response.writeHead(Date.now() - startedAt < 200 ? 503 : 200).end()
}

async function invoke(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const [mode, value, status] = body.toString().split(' ')
  console.log(`container got ${mode}`)
  running += 1
  most = Math.max(most, running)
  if (mode === 'sleep') await new Promise((resolve) => setTimeout(resolve, Number(value)))
  running -= 1
  if (mode === 'refuse') return response.writeHead(Number(value)).end('{"error":"bad photo"}')
  if (status) return response.writeHead(Number(status)).end('{"error":"not now"}')
  if (mode === 'crash') process.exit(1)
  if (mode === 'break') isBroken = true
  if (mode === 'chunked') {
    response.write('a')
    return response.end('b')
  }
  // `end` after `writeHead` would send chunks, without the length that SageMaker wants.
  const send = (type, bytes) =>
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes)
  if (mode === 'binary') return send('image/png', Buffer.from([0, 1, 255]))
  const { headers } = request
  const answer = { pid: process.pid, most, pings, headers, body: body.toString(), env: process.env.GREETING }
  send('application/json', Buffer.from(JSON.stringify(answer)))
}

const server = createServer((request, response) => {
  if (request.url === '/ping') answerPing(response)
  else invoke(request, response)
}).listen(Number(process.env.SAGEMAKER_BIND_TO_PORT), '127.0.0.1')

// Finishes what runs, then goes.
process.on('SIGTERM', () => server.close(() => process.exit(0)))
console.log('container is up')
