import type { Robot as RobotBody } from '@breakwater/harbor-contract'
import type { Robot } from '../../identity/index.ts'
import { permissionsAnswer } from './robot-permissions.ts'

const never = -1

export function levelOf(robot: Robot): 'system' | 'project' {
  return robot.projectId === null ? 'system' : 'project'
}

/** Unix time in seconds; -1: never. */
export function secondsOf(time: Date | null): number {
  return time ? Math.floor(time.getTime() / 1000) : never
}

/** `prefix`: of robots' names in logins. */
export function robotAnswer(robot: Robot, prefix: string): RobotBody {
  return {
    id: robot.id,
    name: prefix + robot.name,
    ...(robot.description ? { description: robot.description } : {}),
    level: levelOf(robot),
    duration: robot.duration,
    editable: true,
    disable: robot.disabled,
    expires_at: secondsOf(robot.expiresAt),
    permissions: permissionsAnswer(robot),
    creator_type: robot.creatorType,
    creator_ref: robot.creatorId,
    creation_time: robot.createdAt.toISOString(),
    update_time: robot.updatedAt.toISOString(),
  }
}
