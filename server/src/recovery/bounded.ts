/** Does `work` for each item, at most `width` at once. After a failure none begins, and the first is thrown. */
export async function eachBounded<T>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  for await (const item of items) {
    if (failures.length > 0) break
    const one = work(item)
      .catch((error: unknown) => {
        failures.push(error)
      })
      .finally(() => running.delete(one))
    running.add(one)
    if (running.size >= width) await Promise.race(running)
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
}
