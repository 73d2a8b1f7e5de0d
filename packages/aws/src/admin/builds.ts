/** The builds in CodeBuild and what they need: the container's source, the token for the weights, what was recorded. */
import { type Account, isCallError } from './account.ts'
import { openBucket } from './bucket.ts'

export interface Build {
  readonly id: string
  readonly status: string
  readonly phase: string
  readonly log: string | null
}

export type RecordName = 'image-uri' | 'weights' | 'records-read'

/** Both take the container's source, each its own, so that one does not change under the other. */
export type BuildKind = 'image' | 'weights'

export function createBuilds(account: Account, stage: string) {
  const parameter = (name: RecordName) => `/gen3d/${stage}/${name}`
  return {
    /** Where the build takes it from: resources/image.yml and weights.yml. */
    async putSource(bucket: string, build: BuildKind, zip: Uint8Array): Promise<void> {
      const key = `builds/${build}.zip`
      await openBucket(bucket, account).objects.put(key, zip, { contentType: 'application/zip' })
    },

    async start(projectName: string): Promise<string> {
      const answer = await account.json('codebuild', 'CodeBuild_20161006.StartBuild', { projectName })
      return (answer.build as { id: string }).id
    },

    async read(id: string): Promise<Build> {
      const answer = await account.json('codebuild', 'CodeBuild_20161006.BatchGetBuilds', { ids: [id] })
      const [build] = answer.builds as {
        buildStatus: string
        currentPhase?: string
        logs?: { deepLink?: string }
      }[]
      return {
        id,
        status: build.buildStatus,
        phase: build.currentPhase ?? '',
        log: build.logs?.deepLink ?? null,
      }
    },

    async recorded(name: RecordName): Promise<string> {
      const answer = await account.json('ssm', 'AmazonSSM.GetParameter', { Name: parameter(name) })
      return (answer.Parameter as { Value: string }).Value
    },

    async record(name: 'image-uri' | 'weights', value: string): Promise<void> {
      await account.json('ssm', 'AmazonSSM.PutParameter', {
        Name: parameter(name),
        Type: 'String',
        Value: value,
        Overwrite: true,
      })
    },

    /** Keeps the token of the models' publisher where only the weights' build reads it. */
    async putToken(token: string): Promise<void> {
      const name = `gen3d/${stage}/weights-token`
      try {
        await account.json('secrets', 'secretsmanager.CreateSecret', { Name: name, SecretString: token })
      } catch (error) {
        if (!isCallError(error, 'ResourceExistsException')) throw error
        await account.json('secrets', 'secretsmanager.PutSecretValue', {
          SecretId: name,
          SecretString: token,
        })
      }
    },
  }
}

export type Builds = ReturnType<typeof createBuilds>
