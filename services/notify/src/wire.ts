/** Everything that is made once, from the environment. A wrong value stops the cold start and is named. */
import { createAwsWorld } from '@gen3d/aws/aws-world'
import { type Config, readConfig } from '@gen3d/aws/config'
import { LambdaEndpoint } from '@gen3d/aws/lambda-endpoint'
import { JsonLog } from '@gen3d/aws/log'
import { SesMailer } from '@gen3d/aws/mailer'
import { SageMakerObserver } from '@gen3d/aws/sagemaker-observer'
import type { EndpointObserver, Mailer } from '@gen3d/jobs/ports'
import type { SweepNeeds } from '@gen3d/jobs/sweep'

export function wire(env: NodeJS.ProcessEnv): SweepNeeds {
  const config = readConfig(env)
  const world = createAwsWorld(config, new JsonLog({ service: 'notify' }))
  return { ...world, mailer: createMailer(config), observer: createObserver(config) }
}

function createMailer({ mailFrom, mailConfigurationSet }: Config): Mailer {
  if (mailFrom) return new SesMailer(mailFrom, mailConfigurationSet)
  // Without a sender no job asks for a mail.
  return { send: () => Promise.reject(new Error('no sender of mails is set')) }
}

function createObserver({ inference }: Config): EndpointObserver {
  return inference.kind === 'lambda'
    ? new LambdaEndpoint(inference.name)
    : new SageMakerObserver(inference.name)
}
