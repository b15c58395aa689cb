/**
 * PostgreSQL's settings for a registry on one machine. They go on the command line, so a cluster made by an older
 * release follows the newer one.
 */
export function serverSettings(socketFolder: string, overrides: Readonly<Record<string, string>>): string[] {
  const settings = {
    ...fixed,
    // A list of folders: quotes keep a comma or a space in the path.
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    ...overrides,
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

const fixed = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '64MB',
  autovacuum_work_mem: '32MB',
  huge_pages: 'off',
  jit: 'off',
  // Nothing replicates from an embedded server.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Parallel queries keep their tuples in /dev/shm, which has 64 MB in a container.
  dynamic_shared_memory_type: 'posix',
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  // No I/O worker processes: they cost memory, and the hot rows are in shared_buffers.
  io_method: 'sync',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '',
} as const
