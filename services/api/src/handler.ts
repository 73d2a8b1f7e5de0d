import middy from '@middy/core'
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { respond } from './respond.ts'
import { route } from './router.ts'
import { wire } from './wire.ts'

const { world, siteOrigin } = wire(process.env)

/** Gen3DWrapperLambda: every route of the API. */
export const main = middy()
  .use(respond(siteOrigin, world.log))
  .handler((event: APIGatewayProxyEvent) => route(world, event))
