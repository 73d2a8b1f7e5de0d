// A Cognito user pool on this machine, in Cognito's own protocol. Why not `cognito-local`: docs/adr/0005-local-cognito.md.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AwsError, parseJsonObject, requireSignature, sendAwsError } from '../aws-error.ts'
import type { S3Credential } from '../s3/principal.ts'
import { type LoopbackServer, readBody, sendJson, serveLoopback } from '../server.ts'
import type { SigningKey } from '../sigv4.ts'
import { ChangePassword, DeleteUser, GetUser } from './account.ts'
import * as admin from './admin.ts'
import { openIdentityPool } from './identity-pool.ts'
import type { Operation, Pool, PoolMail, PreSignUpEvent } from './pool.ts'
import { GlobalSignOut, InitiateAuth, RespondToAuthChallenge, RevokeToken } from './sign-in.ts'
import {
  ConfirmForgotPassword,
  ConfirmSignUp,
  ForgotPassword,
  ResendConfirmationCode,
  SignUp,
} from './sign-up.ts'
import { openTokenIssuer } from './tokens.ts'
import { AssociateSoftwareToken, SetUserMFAPreference, VerifySoftwareToken } from './totp.ts'
import { openUserStore } from './user-store.ts'

export interface CognitoOptions {
  /** Where accounts and the signing key are kept. */
  readonly folder: string
  readonly port: number
  readonly region: string
  /** `REGION_…`, as Cognito's own ids. */
  readonly userPoolId: string
  readonly clientId: string
  /** `REGION:UUID`; left out, there is no identity pool. */
  readonly identityPoolId?: string
  /** `AllowAdminCreateUserOnly` of the pool: accounts by invitation, `SignUp` is refused. */
  readonly adminCreateUserOnly?: boolean
  /** Who may make the `Admin…` and `ListUsers` calls. */
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
  /** Takes codes and temporary passwords; a rejection is answered as `CodeDeliveryFailureException`. */
  readonly sendMail: (mail: PoolMail) => Promise<void> | void
  /** The pre sign-up trigger: gets Cognito's event and returns it, or throws the reason of a refusal. */
  readonly preSignUp?: (event: PreSignUpEvent) => Promise<unknown>
  readonly nowMs?: () => number
}

export interface LocalCognito extends LoopbackServer {
  /** `iss` of the tokens: AWS's own address of the pool. */
  readonly issuer: string
  /** Where the keys of the tokens are served. */
  readonly jwksUrl: string
  /** Key pairs that the identity pool has given out. */
  readonly keyOf: (accessKeyId: string) => S3Credential | undefined
}

const publicOperations: Readonly<Record<string, Operation>> = {
  SignUp,
  ConfirmSignUp,
  ResendConfirmationCode,
  ForgotPassword,
  ConfirmForgotPassword,
  InitiateAuth,
  RespondToAuthChallenge,
  RevokeToken,
  GlobalSignOut,
  GetUser,
  DeleteUser,
  ChangePassword,
  AssociateSoftwareToken,
  VerifySoftwareToken,
  SetUserMFAPreference,
}
const adminOperations: Readonly<Record<string, Operation>> = { ...admin }
const target = /^AWSCognitoIdentityProviderService\.(\w+)$/
const identityTarget = /^AWSCognitoIdentityService\.(\w+)$/
const largestBodyBytes = 1024 * 1024
// Cognito lets any page call it.
const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
}

/** Starts the user pool on 127.0.0.1; its state in `folder` survives any end of the process. */
export async function startCognito(options: CognitoOptions): Promise<LocalCognito> {
  const nowMs = options.nowMs ?? Date.now
  const pool: Pool = {
    ...options,
    nowMs,
    users: openUserStore(options.folder, nowMs),
    tokens: await openTokenIssuer(options.folder, options, nowMs),
    challenges: new Map(),
    failedSignIns: new Map(),
  }
  const { region, userPoolId, identityPoolId } = options
  const identities =
    identityPoolId === undefined
      ? null
      : openIdentityPool({ region, identityPoolId, userPoolId, tokens: pool.tokens, nowMs })
  const rule = { service: 'cognito-idp', region: options.region, keyOf: options.keyOf }

  async function run(request: IncomingMessage): Promise<object> {
    const body = await readBody(request, largestBodyBytes)
    const header = String(request.headers['x-amz-target'] ?? '')
    const identityName = identityTarget.exec(header)?.[1] ?? ''
    if (identities && Object.hasOwn(identities.operations, identityName))
      return identities.operations[identityName](parseJsonObject(body))
    const name = target.exec(header)?.[1] ?? ''
    if (Object.hasOwn(publicOperations, name))
      return await publicOperations[name](pool, parseJsonObject(body))
    if (!Object.hasOwn(adminOperations, name)) {
      throw new AwsError(
        'UnknownOperationException',
        `The local user pool does not know ${name || 'this call'}.`,
      )
    }
    requireSignature(request, body, rule)
    return await adminOperations[name](pool, parseJsonObject(body))
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { ...corsHeaders, 'x-amzn-RequestId': randomUUID() }
    if (request.method === 'OPTIONS') {
      response.writeHead(200, {
        ...headers,
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
        'Access-Control-Max-Age': '172800',
      })
      response.end()
    } else if (request.method === 'GET' && request.url === `/${pool.userPoolId}/.well-known/jwks.json`) {
      sendJson(response, 200, pool.tokens.jwks, headers)
    } else {
      const jsonHeaders = { ...headers, 'Content-Type': 'application/x-amz-json-1.1' }
      try {
        sendJson(response, 200, await run(request), jsonHeaders)
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        sendAwsError(response, error, jsonHeaders)
      }
    }
  }

  const server = await serveLoopback({ name: 'The local Cognito', port: options.port, handle })
  const jwksUrl = `${server.endpoint}/${pool.userPoolId}/.well-known/jwks.json`
  return { ...server, issuer: pool.tokens.issuer, jwksUrl, keyOf: (id) => identities?.keyOf(id) }
}
