// The project's Serverless plugin; `custom.deploy` of a service says which parts it uses. Plain JavaScript, because the
// framework loads it itself; what it does is TypeScript in src/.
import { tsImport } from 'tsx/esm/api'

const load = (name) => tsImport(`./src/${name}.ts`, import.meta.url)

export default class Gen3dDeploy {
  constructor(serverless, options, { log }) {
    const { deploy = {} } = serverless.service.custom ?? {}
    this.hooks = {
      // Before anything else: a wrong parameter must not cost a half deployment.
      initialize: async () => (await load('check-parameters')).checkService(serverless, options),
      'before:deploy:deploy': async () => {
        sayWhere(serverless, log)
        if (deploy.machine) await (await load('instance-type')).checkInstanceType(serverless, deploy.machine)
      },
      'before:remove:remove': () => sayWhere(serverless, log),
      // After the service's own resources are in, before the template is written.
      'after:aws:package:finalize:mergeCustomProviderResources': async () =>
        (await load('finish-template')).finishTemplate(serverless, deploy),
    }
    if (deploy.site) this.addSite(serverless, log)
    const check = 'aws:deploy:deploy:checkForChanges'
    this.hooks[`before:${check}`] = async () => {
      forgiveAbsent(serverless, Object.keys(deploy.conditionalFunctions ?? {}))
      if (deploy.readsRecords && (await (await load('records')).recordsChanged(serverless)))
        options.force = true
    }
  }

  /** The page: built before its stack, laid out after it, for serverless-s3-sync, which comes later in the list. */
  addSite(serverless, log) {
    const site = async (step) => (await load('publish-site'))[step](serverless, log)
    const sayWhereFirst = this.hooks['before:deploy:deploy']
    this.hooks['before:deploy:deploy'] = async () => {
      await sayWhereFirst()
      await site('buildPage')
    }
    this.hooks['after:deploy:deploy'] = () => site('layOutPage')
    this.hooks['after:deploy:finalize'] = () => site('finishSite')
    const sayWhereRemove = this.hooks['before:remove:remove']
    this.hooks['before:remove:remove'] = async () => {
      sayWhereRemove()
      await site('removeRoot')
    }
  }
}

/** Region and profile are easily taken for others. */
function sayWhere(serverless, log) {
  const { stage, region, profile } = serverless.service.provider
  const { AWS_PROFILE } = process.env
  const credentials = serverless.processedInput.options['aws-profile'] ?? AWS_PROFILE ?? profile
  log.notice(`Stage ${stage}, region ${region}, profile ${credentials ?? 'of the environment'}`)
}

/**
 * The framework deploys anew, with new names of the archives, whenever a function does not exist; for one behind a
 * condition that is the rule. Whether its code changed is seen by its archive's hash all the same.
 */
function forgiveAbsent({ service, pluginManager }, conditional) {
  const deploy = pluginManager.plugins.find((one) => 'getFunctionsEarliestLastModifiedDate' in one)
  if (!deploy || conditional.length === 0) return
  const earliestOf = deploy.getFunctionsEarliestLastModifiedDate
  const allFunctions = service.getAllFunctions
  deploy.getFunctionsEarliestLastModifiedDate = async () => {
    const dates = []
    try {
      for (const name of allFunctions.call(service)) {
        service.getAllFunctions = () => [name]
        const date = await earliestOf.call(deploy)
        // 1970 is the framework's word for "does not exist".
        if (date.getTime() > 0 || !conditional.includes(name)) dates.push(date.getTime())
      }
    } finally {
      service.getAllFunctions = allFunctions
    }
    return new Date(Math.min(Date.now(), ...dates))
  }
}
