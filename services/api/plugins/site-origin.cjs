'use strict'
// The framework writes the origin of a preflight answer between quotes, so it takes a text only. The site's origin holds
// the account's number, which CloudFormation alone knows: the text is a mark, and this plugin puts the value in its place.

const MARK = "'SITE-ORIGIN'"

class SiteOrigin {
  constructor(serverless) {
    this.hooks = { 'before:package:finalize': () => putOrigin(serverless.service) }
  }
}

function putOrigin({ custom, provider }) {
  const origin = { 'Fn::Join': ['', ["'", custom.siteOrigin, "'"]] }
  for (const { Properties } of Object.values(provider.compiledCloudFormationTemplate.Resources)) {
    for (const { ResponseParameters } of Properties?.Integration?.IntegrationResponses ?? []) {
      for (const [name, value] of Object.entries(ResponseParameters ?? {})) {
        if (value === MARK) ResponseParameters[name] = origin
      }
    }
  }
}

module.exports = SiteOrigin
