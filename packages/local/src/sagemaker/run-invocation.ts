import type { Container, ContainerAnswer } from './container.ts'
import type { Invocation } from './invocation-queue.ts'
import type { ObjectAccess } from './objects.ts'

// The first sentence of each is SageMaker's own for the synchronous call; AWS does not document what stands in the
// object of an asynchronous failure.
const clientOrServer = (status: number) => (status < 500 ? 'client' : 'server')
const toRefusal = ({ status, body }: ContainerAnswer) =>
  `Received ${clientOrServer(status)} error (${status}) from primary with message "${body.toString('utf8')}".`
const noLength = 'The response from container primary did not specify the required Content-Length header'
const toTimeout = (seconds: number) =>
  `Model container primary did not respond within the invocation timeout of ${seconds} seconds.`
const died = 'Model container primary exited before it answered the invocation.'

/** How an invocation ended: with an object of its own, or not at all because the instance was told to stop. */
export type InvocationEnd = 'succeeded' | 'failed' | 'interrupted'

async function readInput(input: Invocation['input'], objects: ObjectAccess): Promise<Buffer> {
  return 'location' in input ? await objects.get(input.location) : Buffer.from(input.base64, 'base64')
}

async function callContainer(
  invocation: Invocation,
  container: Container,
  body: Buffer,
): Promise<ContainerAnswer> {
  const { accept, customAttributes } = invocation
  return await container.call(
    'POST',
    '/invocations',
    invocation.timeoutSeconds * 1000,
    {
      'Content-Type': invocation.contentType,
      'X-Amzn-SageMaker-Inference-Id': invocation.inferenceId,
      ...(accept ? { Accept: accept } : {}),
      ...(customAttributes ? { 'X-Amzn-SageMaker-Custom-Attributes': customAttributes } : {}),
    },
    body,
  )
}

interface NoAnswer {
  readonly failure: string
  readonly died?: true
  /** 503: the container does not take the job now. */
  readonly refused?: boolean
}

async function reachAnswer(
  invocation: Invocation,
  container: Container,
  objects: ObjectAccess,
): Promise<{ answer: ContainerAnswer } | NoAnswer> {
  let input: Buffer
  try {
    input = await readInput(invocation.input, objects)
  } catch (error) {
    return { failure: `Unable to download the input. ${(error as Error).message}` }
  }
  try {
    const answer = await callContainer(invocation, container, input)
    if (answer.status < 200 || answer.status > 299)
      return { failure: toRefusal(answer), refused: answer.status === 503 }
    return answer.hasLength ? { answer } : { failure: noLength }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    return isLate ? { failure: toTimeout(invocation.timeoutSeconds) } : { failure: died, died: true }
  }
}

/**
 * Runs one invocation on a ready container and writes its success or its failure object. A container that dies
 * fails the invocation, without a second try; while the stack stops (`isStopping`), one that dies or that takes nothing
 * more interrupts it.
 * Throws when the result cannot be written.
 */
export async function runInvocation(
  invocation: Invocation,
  container: Container,
  objects: ObjectAccess,
  isStopping: () => boolean,
): Promise<InvocationEnd> {
  const reached = await reachAnswer(invocation, container, objects)
  if ('answer' in reached) {
    await objects.put(invocation.outputLocation, reached.answer.body, reached.answer.contentType)
    return 'succeeded'
  }
  if (isStopping() && (reached.died || reached.refused)) return 'interrupted'
  await objects.put(invocation.failureLocation, Buffer.from(reached.failure), 'text/plain; charset=utf-8')
  return 'failed'
}
