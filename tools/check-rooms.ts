/** Fails when a room of server/src does not say truly what it is, or writes a table that another room owns. */
import { fileURLToPath } from 'node:url'
import { checkRooms } from './rooms/check.ts'

const problems = checkRooms(fileURLToPath(new URL('../server/src', import.meta.url)))
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
