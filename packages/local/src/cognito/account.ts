import { checkPasswordPolicy, hashPassword } from './passwords.ts'
import { type Operation, requireSignedIn, requireText, toAttributes } from './pool.ts'
import { requirePassword } from './sign-in.ts'

export const GetUser: Operation = (pool, input) => {
  const user = requireSignedIn(pool, input)
  const own = { Username: user.sub, UserAttributes: toAttributes(user) }
  const app = 'SOFTWARE_TOKEN_MFA'
  // As Cognito, whose answer has neither field where nothing is on.
  return user.totp?.enabled ? { ...own, UserMFASettingList: [app], PreferredMfaSetting: app } : own
}

export const DeleteUser: Operation = (pool, input) => {
  pool.users.remove(requireSignedIn(pool, input))
  return {}
}

export const ChangePassword: Operation = async (pool, input) => {
  const user = requireSignedIn(pool, input)
  const proposed = requireText(input, 'ProposedPassword')
  await requirePassword(pool, user.sub, requireText(input, 'PreviousPassword'))
  checkPasswordPolicy(proposed)
  user.passwordHash = await hashPassword(proposed)
  user.modifiedAt = pool.nowMs()
  pool.users.save()
  return {}
}
