// Runs one Lambda handler in a process of its own and answers the parent over IPC. Plain JavaScript, because a
// bundled handler must start without a TypeScript loader.
//
// parent -> child  {type: 'invoke', id, event, deadlineMs}
// child -> parent  {type: 'ready'} | {type: 'init-error', error} | {type: 'result', id, payload} | {type: 'error', id, error}
import { pathToFileURL } from 'node:url'

const { GEN3D_LAMBDA_HANDLER_FILE: handlerFile, GEN3D_LAMBDA_HANDLER_NAME: handlerName } = process.env
delete process.env.GEN3D_LAMBDA_HANDLER_FILE
delete process.env.GEN3D_LAMBDA_HANDLER_NAME

// A handler process must not outlive the stack, not even one that was killed with SIGKILL.
process.on('disconnect', () => process.exit(0))

/** The error as Lambda's Node runtime reports it. */
function toErrorReport(error, errorType) {
  const thrown = error instanceof Error ? error : new Error(String(error))
  return {
    errorType: errorType ?? thrown.name,
    errorMessage: thrown.message,
    trace: String(thrown.stack).split('\n'),
  }
}

// Sent, then gone: a process whose handler cannot be loaded is of no use.
function endWithInitError(report) {
  process.send({ type: 'init-error', error: report }, () => process.exit(1))
}

async function loadHandler() {
  const loaded = await import(pathToFileURL(handlerFile).href)
  const found = loaded[handlerName] ?? loaded.default?.[handlerName]
  if (typeof found !== 'function') {
    const error = new Error(`${handlerName} is undefined or not exported by ${handlerFile}`)
    error.name = 'Runtime.HandlerNotFound'
    throw error
  }
  return found
}

function callHandler(handler, event, context) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result))
    const returned = handler(event, context, callback)
    // A handler that neither returns a promise nor takes the callback ends with null, as in Lambda.
    if (typeof returned?.then === 'function') returned.then(resolve, reject)
    else if (handler.length < 3) resolve(returned)
  })
}

function toContext({ id, deadlineMs }) {
  const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_REGION: region } = process.env
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: id,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

function toPayload(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null'
  } catch (cause) {
    const error = new Error(`Unable to stringify response body: ${cause.message}`, { cause })
    error.name = 'Runtime.MarshalError'
    throw error
  }
}

// Bound before the handler loads, so that what it throws later ends the process as in Lambda.
process.on('uncaughtException', (error) => {
  console.error(error)
  process.exit(1)
})
process.on('unhandledRejection', (error) => {
  console.error(error)
  process.exit(128)
})

let handler
try {
  handler = await loadHandler()
} catch (error) {
  console.error(error)
  const missing = error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND'
  endWithInitError(toErrorReport(error, missing ? 'Runtime.ImportModuleError' : undefined))
}

if (handler) {
  process.on('message', async (message) => {
    if (message.type !== 'invoke') return
    try {
      const payload = toPayload(await callHandler(handler, message.event, toContext(message)))
      process.send({ type: 'result', id: message.id, payload })
    } catch (error) {
      console.error(error)
      process.send({
        type: 'error',
        id: message.id,
        error: toErrorReport(error),
      })
    }
  })
  process.send({ type: 'ready' })
}
