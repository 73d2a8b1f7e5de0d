/** What a value may be: null when it fits, else the rest of the sentence `NAME …, not VALUE.` */
export type Rule = (value: unknown) => string | null

export const text: Rule = (value) => (typeof value === 'string' ? null : 'must be a text')

export const flag: Rule = (value) =>
  ['true', 'false'].includes(value as string) ? null : 'must be "true" or "false" (in quotes)'

export function oneOf(values: readonly string[]): Rule {
  return (value) => (values.includes(value as string) ? null : `must be one of ${values.join(', ')}`)
}

export function pattern(regexp: RegExp, what: string): Rule {
  return (value) =>
    ['string', 'number'].includes(typeof value) && regexp.test(String(value)) ? null : `must be ${what}`
}

export function whole(min: number, max: number): Rule {
  return (value) =>
    /^\d{1,9}$/.test(String(value)) && Number(value) >= min && Number(value) <= max
      ? null
      : `must be a whole number from ${min} to ${max}`
}

const DOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9-]+)*\.[a-z]{2,}$/i

export const domainList: Rule = (value) =>
  value === '' || (typeof value === 'string' && value.split(',').every((one) => DOMAIN.test(one)))
    ? null
    : 'must be domains with commas between them and no spaces, or empty'

/** At most `max` addresses, or none. */
export function addressList(max: number): Rule {
  return (value) => {
    if (value === '') return null
    const all = String(value).split(',')
    return all.length <= max && all.every((one) => /^[^\s@,<>]+@[^\s@,<>]+\.[a-z]{2,}$/i.test(one))
      ? null
      : `must be ${max === 1 ? 'a mail address' : `up to ${max} mail addresses`} or empty`
  }
}

const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 180, 365]

/** CloudWatch keeps logs for certain numbers of days only. */
export const yearOfLogs: Rule = (value) =>
  LOG_DAYS.includes(Number(value)) ? null : `must be one of ${LOG_DAYS.join(', ')}`
