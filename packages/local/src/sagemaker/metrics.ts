import { AwsError } from '../aws-error.ts'
import type { EndpointState } from './endpoint.ts'

/** One minute of one metric. */
interface Bucket {
  readonly minute: number
  readonly sum: number
  readonly count: number
  readonly min: number
  readonly max: number
}

/** The metrics that SageMaker publishes for asynchronous endpoints, in memory for three hours. */
export interface Metrics {
  readonly record: (state: EndpointState, nowMs: number) => void
  /** CloudWatch's GetMetricData; throws `ValidationError` for what is not kept here. */
  readonly getMetricData: (input: Readonly<Record<string, unknown>>) => object
}

const minuteMs = 60_000
const minutesKept = 180

function readValues(state: EndpointState): Record<string, number> {
  const backlog = state.waiting + state.running
  const ready = state.instances.filter((instance) => instance.state === 'ready').length
  return {
    ApproximateBacklogSize: backlog,
    HasBacklogWithoutCapacity: backlog > 0 && ready === 0 ? 1 : 0,
    // There is no backlog per instance without an instance; CloudWatch has no data then.
    ...(ready > 0 ? { ApproximateBacklogSizePerInstance: backlog / ready } : {}),
  }
}

const statistics: Readonly<Record<string, (buckets: readonly Bucket[]) => number>> = {
  Sum: (buckets) => buckets.reduce((sum, one) => sum + one.sum, 0),
  SampleCount: (buckets) => buckets.reduce((sum, one) => sum + one.count, 0),
  Minimum: (buckets) => Math.min(...buckets.map((one) => one.min)),
  Maximum: (buckets) => Math.max(...buckets.map((one) => one.max)),
  Average: (buckets) => statistics.Sum(buckets) / statistics.SampleCount(buckets),
}

interface Query {
  readonly Id?: string
  readonly Label?: string
  readonly ReturnData?: boolean
  readonly MetricStat?: {
    readonly Stat?: string
    readonly Period?: number
    readonly Metric?: {
      readonly Namespace?: string
      readonly MetricName?: string
      readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[]
    }
  }
}

export function createMetrics(): Metrics {
  const series = new Map<string, Bucket[]>()

  function readQuery(query: Query, startMs: number, endMs: number, isAscending: boolean): object {
    const { MetricStat: stat } = query
    const statistic = statistics[stat?.Stat ?? '']
    if (!stat?.Metric || !statistic) {
      throw new AwsError(
        'ValidationError',
        'The local CloudWatch knows MetricStat with Sum, Average, Minimum, Maximum, SampleCount.',
      )
    }
    const { Namespace, MetricName, Dimensions = [] } = stat.Metric
    const [dimension] = Dimensions
    // As on AWS, another set of dimensions is another metric, which has no data.
    const isKept =
      Namespace === 'AWS/SageMaker' && Dimensions.length === 1 && dimension.Name === 'EndpointName'
    const buckets = (isKept && series.get(`${MetricName} ${dimension.Value}`)) || []
    const periodMs = Math.max(minuteMs, Number(stat.Period ?? 60) * 1000)
    const byPeriod = new Map<number, Bucket[]>()
    for (const bucket of buckets) {
      const at = Math.floor((bucket.minute * minuteMs) / periodMs) * periodMs
      if (at + periodMs > startMs && at < endMs) byPeriod.set(at, [...(byPeriod.get(at) ?? []), bucket])
    }
    const points = [...byPeriod].sort(([a], [b]) => (isAscending ? a - b : b - a))
    return {
      Id: query.Id,
      Label: query.Label ?? MetricName,
      Timestamps: points.map(([at]) => at / 1000),
      Values: points.map(([, inPeriod]) => statistic(inPeriod)),
      StatusCode: 'Complete',
    }
  }

  return {
    record(state, nowMs) {
      const minute = Math.floor(nowMs / minuteMs)
      for (const [name, value] of Object.entries(readValues(state))) {
        const key = `${name} ${state.name}`
        const buckets = series.get(key) ?? []
        const last = buckets.at(-1)
        if (last?.minute === minute) {
          const { sum, count, min, max } = last
          buckets[buckets.length - 1] = {
            minute,
            sum: sum + value,
            count: count + 1,
            min: Math.min(min, value),
            max: Math.max(max, value),
          }
        } else {
          buckets.push({ minute, sum: value, count: 1, min: value, max: value })
        }
        series.set(key, buckets.slice(-minutesKept))
      }
    },
    getMetricData(input) {
      const queries = (input.MetricDataQueries ?? []) as readonly Query[]
      const [startMs, endMs] = [Number(input.StartTime) * 1000, Number(input.EndTime) * 1000]
      if (!Array.isArray(queries) || queries.length === 0 || !(startMs < endMs)) {
        throw new AwsError(
          'ValidationError',
          'MetricDataQueries, and StartTime before EndTime, are required.',
        )
      }
      const isAscending = input.ScanBy === 'TimestampAscending'
      const wanted = queries.filter((query) => query.ReturnData !== false)
      return {
        MetricDataResults: wanted.map((query) => readQuery(query, startMs, endMs, isAscending)),
        Messages: [],
      }
    },
  }
}
