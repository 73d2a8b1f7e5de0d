import { behindEndpoint } from '../conformance/endpoint.contract.ts'
import { PREVIEW } from '../conformance/preview.contract.ts'
import { describeEngine } from '../conformance/suite.contract.ts'

describeEngine('the preview engine behind the local endpoint', PREVIEW, behindEndpoint)
