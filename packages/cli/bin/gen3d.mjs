#!/usr/bin/env node
// The sources are TypeScript and are run as they stand; tsx turns them into JavaScript as they load.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../src/main.ts')
await main(process.argv.slice(2))
