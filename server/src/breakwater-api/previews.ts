import { Type } from 'typebox'
import { type Proposal, previewPolicy, readProjectSettings } from '../policy/index.ts'
import { type GateDeps, projectOfPath } from './gate-deps.ts'
import { json, type Operation } from './operation.ts'
import { bodyReader } from './read-body.ts'

const severities = ['none', 'low', 'medium', 'high', 'critical'] as const

const read = bodyReader(
  Type.Object(
    {
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
      severity: Type.Optional(Type.Union(severities.map((name) => Type.Literal(name)))),
      reuse_sys_cve_allowlist: Type.Optional(Type.Boolean()),
      settings: Type.Optional(Type.Object({})),
    },
    { additionalProperties: false },
  ),
)

/** Which pulls a policy would have refused. What is not proposed is as it is now, with the gate on. */
export const previewOperations: readonly Operation<GateDeps>[] = [
  {
    method: 'POST',
    path: '/projects/:project/policy/preview',
    async handle(deps, asked) {
      const project = await projectOfPath(deps, asked, 'policy:read')
      const { days = 30, severity, reuse_sys_cve_allowlist: shared, settings } = read(asked.body)
      const proposal: Proposal = {
        metadata: {
          prevent_vul: 'true',
          ...(severity === undefined ? {} : { severity }),
          ...(shared === undefined ? {} : { reuse_sys_cve_allowlist: String(shared) }),
        },
        // A policy that warns refuses nothing: what it would refuse is the question.
        settings: { ...(settings && readProjectSettings(settings)), mode: 'enforce' },
      }
      const preview = await previewPolicy(deps, project.id, days, proposal)
      return json({ project: project.name, ...preview })
    },
  },
]
