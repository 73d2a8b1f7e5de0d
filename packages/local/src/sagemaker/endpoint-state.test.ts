import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker'
import { describe, expect, test } from 'vitest'
import { REGION } from '../s3/s3-fixture.ts'
import { clientSettings, ENDPOINT, errorOf, sageMakerForTest } from './sagemaker-fixture.ts'

describe('what can be read about an endpoint', () => {
  test('is its description', async () => {
    const { invoke, result, endpoint } = await sageMakerForTest()
    const client = new SageMakerClient({ endpoint, ...clientSettings })
    const describeEndpoint = (EndpointName: string) =>
      client.send(new DescribeEndpointCommand({ EndpointName }))
    const before = await describeEndpoint(ENDPOINT)
    expect(before.EndpointStatus).toBe('InService')
    expect(before.ProductionVariants?.[0]).toMatchObject({ CurrentInstanceCount: 0, DesiredInstanceCount: 0 })
    await result((await invoke('echo')).OutputLocation)
    const after = await describeEndpoint(ENDPOINT)
    expect(after.ProductionVariants?.[0]).toMatchObject({ CurrentInstanceCount: 1, DesiredInstanceCount: 1 })
    expect(after.EndpointArn).toBe(`arn:aws:sagemaker:${REGION}:000000000000:endpoint/${ENDPOINT}`)
    expect(after.CreationTime).toBeInstanceOf(Date)
    expect((await errorOf(describeEndpoint('other')))[0]).toBe('ValidationException')
  })

  test('are the metrics that CloudWatch has', async () => {
    const { invoke, endpoint } = await sageMakerForTest({ coldStartSeconds: 60 })
    await invoke('echo')
    await invoke('echo')
    const client = new CloudWatchClient({ endpoint, ...clientSettings })
    const read = async (MetricName: string, Stat = 'Maximum', Name = 'EndpointName') => {
      const { MetricDataResults } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          MetricDataQueries: [
            {
              Id: 'one',
              MetricStat: {
                Stat,
                Period: 60,
                Metric: { Namespace: 'AWS/SageMaker', MetricName, Dimensions: [{ Name, Value: ENDPOINT }] },
              },
            },
          ],
        }),
      )
      return MetricDataResults?.[0]
    }
    const backlog = await read('ApproximateBacklogSize')
    expect(backlog?.StatusCode).toBe('Complete')
    expect(Math.max(...(backlog?.Values ?? []))).toBe(2)
    expect(Math.abs(Date.now() - (backlog?.Timestamps?.[0].getTime() ?? 0))).toBeLessThan(120_000)
    expect(Math.max(...((await read('HasBacklogWithoutCapacity'))?.Values ?? []))).toBe(1)
    expect((await read('ApproximateBacklogSizePerInstance'))?.Values).toEqual([])
    expect((await read('ApproximateBacklogSize', 'Maximum', 'Other'))?.Values).toEqual([])
    expect((await errorOf(read('ApproximateBacklogSize', 'p99')))[0]).toMatch(/^Validation/)
  })

  test('is its state, for people and tests', async () => {
    const { invoke, endpoint } = await sageMakerForTest({ coldStartSeconds: 60 })
    await invoke('echo')
    const { endpoints } = (await (await fetch(`${endpoint}/state`)).json()) as { endpoints: unknown[] }
    expect(endpoints).toMatchObject([
      {
        name: ENDPOINT,
        waiting: 1,
        running: 0,
        desired_instances: 1,
        instances: [{ state: 'starting' }],
        failure: null,
      },
    ])
  })
})
