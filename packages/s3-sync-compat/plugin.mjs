// Lets serverless-s3-sync 3.5.1 run under osls 4, which dropped the AWS SDK v2 surface that it asks for: `provider.sdk`
// and credentials. Stands before serverless-s3-sync in a service's plugins. Without it a deploy fails after the stack.
import { createRequire } from 'node:module'

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = '1'
const require = createRequire(import.meta.url)

export default class S3SyncCompat {
  constructor(serverless) {
    const prepare = () => this.prepare()
    this.serverless = serverless
    this.hooks = {
      'after:deploy:deploy': prepare,
      'before:remove:remove': prepare,
      'before:s3sync:sync': prepare,
    }
  }

  async prepare() {
    const provider = this.serverless.getProvider('aws')
    const {
      accessKeyId,
      secretAccessKey,
      sessionToken = '',
    } = await provider.getAwsSdkV3CredentialsProvider()()
    provider.cachedCredentials = { accessKeyId, secretAccessKey, sessionToken }
    Object.defineProperty(provider, 'sdk', { configurable: true, value: sdkFor(process.env) })
    syncInOrder(this.serverless)
  }
}

/** SDK v2 knows no AWS_ENDPOINT_URL. */
function sdkFor(env) {
  // Loaded when it is needed: it is large.
  const AWS = require('aws-sdk')
  const at = (name) => {
    const endpoint = env[`AWS_ENDPOINT_URL_${name}`] || env.AWS_ENDPOINT_URL
    return endpoint ? { endpoint, s3ForcePathStyle: true } : {}
  }
  // Functions, since v2's own constructors cannot be inherited from; `new` takes the object that they return.
  return {
    Endpoint: AWS.Endpoint,
    S3: function S3(options) {
      const client = new AWS.S3({ ...options, ...at('S3') })
      // Over https v2 leaves streams unsigned by itself; an emulator is reached over http, where it would refuse them.
      if (client.endpoint.protocol === 'http:') client.shouldDisableBodySigning = () => true
      return client
    },
    CloudFormation: function CloudFormation(options) {
      return new AWS.CloudFormation({ ...options, ...at('CLOUDFORMATION') })
    },
  }
}

/** The plugin syncs all entries at once; here in their order, so that a page never names assets that have not arrived. */
function syncInOrder(serverless) {
  const plugin = serverless.pluginManager.plugins.find((one) => one.constructor.name === 'ServerlessS3Sync')
  if (!plugin || Object.hasOwn(plugin, 'sync')) return
  const together = plugin.sync
  const settings = serverless.service.custom.s3Sync
  plugin.sync = async (invokedAsCommand) => {
    const entries = settings.buckets
    try {
      for (const entry of entries) {
        settings.buckets = [entry]
        await together.call(plugin, invokedAsCommand)
      }
    } finally {
      settings.buckets = entries
    }
  }
}
