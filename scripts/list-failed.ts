// A Vitest reporter: after everything else, a line for each test that failed: the end of a log is often all one sees.
import type { Reporter, TestModule } from 'vitest/node'

const LONGEST = 160

const short = (error: { message: string } | undefined) =>
  (error?.message ?? '').split('\n')[0].slice(0, LONGEST)

function toLines(module: TestModule): string[] {
  const name = module.relativeModuleId
  const ofFile = module.errors().map((error) => `  ${name}: ${short(error)}`)
  const ofTests = [...module.children.allTests('failed')].map(
    (test) => `  ${name} > ${test.fullName}: ${short(test.result().errors?.[0])}`,
  )
  const ofSuites = [...module.children.allSuites()].flatMap((suite) =>
    suite.errors().map((error) => `  ${name} > ${suite.fullName}: ${short(error)}`),
  )
  return [...ofFile, ...ofTests, ...ofSuites]
}

export default class ListFailed implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = modules.flatMap(toLines)
    if (lines.length > 0) console.log(['Failed, in short:', ...lines, ''].join('\n'))
  }
}
