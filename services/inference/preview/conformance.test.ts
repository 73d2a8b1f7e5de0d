import { PREVIEW } from '../conformance/preview.contract.ts'
import { asProcess } from '../conformance/process.contract.ts'
import { describeEngine } from '../conformance/suite.contract.ts'

describeEngine('the preview engine’s process', PREVIEW, asProcess)
