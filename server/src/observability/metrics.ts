import { createDuration, createGauge, type Metric } from './metric.ts'
import type { About } from './series.ts'

/** Every metric that is served, in the order of the page; Harbor's names where Harbor has one. */
export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const http = ['method', 'code', 'operation']
  return {
    requests: createGauge(
      'harbor_core_http_request_total',
      counter('Requests that were answered, or broken off by the client (code 499).', http),
    ),
    requestSummary: createDuration('harbor_core_http_request_duration_seconds', {
      type: 'summary',
      help: 'Time from a request to the end of its answer; without quantiles, of which the histogram below is capable.',
      labels: ['method', 'operation'],
    }),
    requestTimes: createDuration('breakwater_http_request_duration_seconds', {
      type: 'histogram',
      help: 'Time from a request to the end of its answer.',
      labels: ['operation'],
    }),
    inFlight: createGauge('harbor_core_http_inflight_requests', gauge('Requests under way.', [])),
    received: createGauge(
      'breakwater_http_received_bytes_total',
      counter('Bytes that came in on connections of clients, by the operation that read them.', ['operation']),
    ),
    sent: createGauge(
      'breakwater_http_sent_bytes_total',
      counter('Bytes that went out on connections of clients, by the operation that wrote them.', ['operation']),
    ),
    refusals: createGauge(
      'breakwater_refusals_total',
      counter('Answers that carry an error, by its code, such as DENIED or MANIFEST_UNKNOWN.', ['code', 'operation']),
    ),
    tasks: createGauge(
      'harbor_jobservice_task_total',
      counter('Jobs that this process has ended: scans, imports of the vulnerability database and others.', [
        'type',
        'status',
      ]),
    ),
    taskTimes: createDuration('harbor_jobservice_task_process_time_seconds', {
      type: 'histogram',
      help: 'How long a job ran.',
      labels: ['type', 'status'],
    }),
    queued: createGauge('harbor_task_queue_size', gauge('Jobs that wait, ten thousand at most.', ['type'])),
    queueLatency: createGauge(
      'harbor_task_queue_latency',
      gauge('Seconds since the oldest job that waits was queued.', ['type']),
    ),
    scheduled: createGauge(
      'harbor_task_scheduled_total',
      gauge('Jobs that are queued at times that are set: a schedule counts once.', []),
    ),
    running: createGauge(
      'harbor_task_concurrency',
      gauge('Jobs that this process is doing; the pool is the name of its host.', ['type', 'pool']),
    ),
    projects: createGauge('harbor_project_total', gauge('Projects.', ['public'])),
    repositories: createGauge(
      'harbor_project_repo_total',
      gauge('Repositories with artifacts, of the first thousand projects.', ['project_name', 'public']),
    ),
    members: createGauge(
      'harbor_project_member_total',
      gauge('Accounts that are members of a project themselves, a thousand at most, of the first thousand projects.', [
        'project_name',
      ]),
    ),
    artifacts: createGauge(
      'harbor_project_artifact_total',
      gauge(
        'Artifacts, with accessories and the children of indexes, of the first thousand projects, as long as they have no more than fifty thousand repositories.',
        ['project_name', 'public'],
      ),
    ),
    pulled: createGauge(
      'harbor_artifact_pulled',
      gauge('Pulls of the repositories that a project has, of the same projects.', ['project_name']),
    ),
    usage: createGauge(
      'harbor_project_quota_usage_byte',
      gauge('Bytes that a project uses, each blob once, of the first thousand projects.', ['project_name']),
    ),
    allProjects: createGauge('harbor_statistics_total_project_amount', gauge('Projects.', [])),
    publicProjects: createGauge('harbor_statistics_public_project_amount', gauge('Public projects.', [])),
    privateProjects: createGauge(
      'harbor_statistics_private_project_amount',
      gauge('Projects that are not public.', []),
    ),
    allRepositories: createGauge('harbor_statistics_total_repo_amount', gauge('Repositories with artifacts.', [])),
    publicRepositories: createGauge(
      'harbor_statistics_public_repo_amount',
      gauge('Repositories with artifacts, of public projects.', []),
    ),
    privateRepositories: createGauge(
      'harbor_statistics_private_repo_amount',
      gauge('Repositories with artifacts, of projects that are not public.', []),
    ),
    allUsage: createGauge(
      'harbor_statistics_total_storage_consumption',
      gauge('Bytes that all projects use; a blob counts once in each project that has it.', []),
    ),
    uploads: createGauge('breakwater_uploads_open', gauge('Uploads that have not ended, ten thousand at most.', [])),
    collectionWaiting: createGauge(
      'breakwater_collection_waiting',
      gauge(
        'What collection will look at, ten thousand at most of each: `review`, which may be needed still; `doomed`, blobs whose grace goes on; `deleting`, blobs whose bytes go now.',
        ['state'],
      ),
    ),
    collectedBlobs: createGauge(
      'breakwater_collection_deleted_blobs_total',
      counter('Blobs that this process has deleted from the store, as nothing named them.', []),
    ),
    collectedBytes: createGauge(
      'breakwater_collection_deleted_bytes_total',
      counter('Bytes of the blobs that this process has deleted from the store.', []),
    ),
    health: createGauge('harbor_health', gauge('1 where this process can do its work, as /readyz says; else 0.', [])),
    up: createGauge(
      'harbor_up',
      gauge('1 where a component answers as it should: `core`, `database`, and `registry`, the blob store; else 0.', [
        'component',
      ]),
    ),
    verdicts: createGauge(
      'breakwater_gate_verdicts_total',
      counter('Pulls that the gate let go on or refused; a refusal counts once for each rule that refuses.', [
        'verdict',
        'rule',
      ]),
    ),
    holds: createDuration('breakwater_gate_hold_seconds', {
      type: 'histogram',
      help: 'How long pulls were held for a scan that was under way.',
      labels: [],
    }),
    storeTimes: createDuration('breakwater_store_operation_seconds', {
      type: 'histogram',
      help: 'How long operations of the blob store took: `head`, `get`, `put`, `remove`; a get lasts until its client has all. The outcome is `ok` or `error`.',
      labels: ['operation', 'kind', 'outcome'],
    }),
    ledgerFlush: createDuration('breakwater_ledger_flush_seconds', {
      type: 'histogram',
      help: 'How long it took to write the pulls that were gathered for the ledger.',
      labels: [],
    }),
    ledgerWaiting: createGauge(
      'breakwater_ledger_waiting',
      gauge('Pulls that waited to be written after the last attempt; more than 0 while the database is away.', []),
    ),
    scrubbed: createGauge(
      'breakwater_scrub_read_bytes_total',
      counter('Bytes of blobs that this process has read to find damaged ones.', []),
    ),
    damaged: createGauge(
      'breakwater_damaged_blobs',
      gauge(
        'Blobs whose bytes are not what their digest says. They are not served; anything but 0 is to be looked into.',
        [],
      ),
    ),
    vulndbAge: createGauge(
      'breakwater_vulnerability_database_age_seconds',
      gauge('Seconds since the vulnerability database was built; absent before the first import.', []),
    ),
    connections: createGauge(
      'breakwater_database_connections',
      gauge('Connections to the database of this process: `used`, `idle`, and requests that are `waiting` for one.', [
        'pool',
        'state',
      ]),
    ),
    gathering: createGauge(
      'breakwater_metrics_gathered',
      gauge('1 where the numbers of the database are of the last seconds; 0 where it could not be asked.', []),
    ),
    loopLag: createGauge(
      'breakwater_event_loop_lag_seconds',
      gauge('How late the event loop was for a timer, when metrics were asked for.', []),
    ),
    loopActive: createGauge(
      'breakwater_event_loop_active_seconds_total',
      counter('Seconds that the event loop was not waiting.', []),
    ),
    cpu: createGauge('process_cpu_seconds_total', counter('CPU time of this process, its threads included.', [])),
    memory: createGauge('process_resident_memory_bytes', gauge('Resident memory of this process.', [])),
    started: createGauge('process_start_time_seconds', gauge('When this process began, in seconds since 1970.', [])),
    info: createGauge(
      'harbor_system_info',
      gauge(
        '1, with the version of this program, how people sign in, and whether they may make accounts for themselves.',
        ['auth_mode', 'harbor_version', 'self_registration'],
      ),
    ),
  }
}

function counter(help: string, labels: readonly string[]): About {
  return { type: 'counter', help, labels }
}

function gauge(help: string, labels: readonly string[]): About {
  return { type: 'gauge', help, labels }
}

/** The page as Prometheus reads it. */
export function exposeMetrics(metrics: Metrics): string {
  return Object.values(metrics)
    .map((metric: Metric) => metric.expose())
    .join('')
}

/** The reference page. */
export function renderMetricsReference(): string {
  const entries = Object.values(createMetrics()).map(({ name, about: { type, labels, help } }: Metric) => {
    const by = labels.length === 0 ? '' : `, by ${labels.map((label) => `\`${label}\``).join(', ')}`
    return `## \`${name}\`\n\nA ${type}${by}. ${help}\n`
  })
  return `# Metrics

Made by \`node tools/gen-metrics-reference.ts\` from the server's own list. How to have them served: see
[monitoring](../guides/monitoring.md).

${entries.join('\n')}`
}
