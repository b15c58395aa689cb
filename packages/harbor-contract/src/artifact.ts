import { type Static, Type } from 'typebox'
import {
  acceptVulnerabilities,
  artifactFlags,
  artifactParams,
  type OperationShape,
  paging,
  repositoryParams,
  shape,
} from './shape.ts'
import { Accessory, Artifact, Label, Tag } from './shared.ts'

export const NewTag = shape(
  {
    name: Type.String(),
  },
  ['name'],
)
export type NewTag = Static<typeof NewTag>

export const artifactOperations = {
  listArtifacts: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts',
    params: repositoryParams,
    query: shape({
      ...paging,
      ...artifactFlags,
      q: Type.String(),
      sort: Type.String(),
    }),
    headers: shape({
      ...acceptVulnerabilities,
    }),
    status: 200,
    answer: Type.Array(Artifact),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  CopyArtifact: {
    method: 'POST',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts',
    params: repositoryParams,
    query: shape({ from: Type.String() }, ['from']),
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 404, 405, 500],
  },
  getArtifact: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}',
    params: artifactParams,
    query: shape({
      ...paging,
      ...artifactFlags,
      with_signature: Type.Boolean({ default: false }),
    }),
    headers: shape({
      ...acceptVulnerabilities,
    }),
    status: 200,
    answer: Artifact,
    errors: [400, 401, 403, 404, 500],
  },
  deleteArtifact: {
    method: 'DELETE',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}',
    params: artifactParams,
    status: 200,
    errors: [401, 403, 404, 500],
  },
  listTags: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/tags',
    params: artifactParams,
    query: shape({
      ...paging,
      q: Type.String(),
      sort: Type.String(),
      with_immutable_status: Type.Boolean({ default: false }),
    }),
    status: 200,
    answer: Type.Array(Tag),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  createTag: {
    method: 'POST',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/tags',
    params: artifactParams,
    body: NewTag,
    bodyName: 'tag',
    status: 201,
    answerHeaders: ['Location'],
    errors: [400, 401, 403, 404, 405, 409, 500],
  },
  deleteTag: {
    method: 'DELETE',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/tags/{tag_name}',
    params: shape(
      {
        project_name: Type.String(),
        repository_name: Type.String(),
        reference: Type.String(),
        tag_name: Type.String(),
      },
      ['project_name', 'repository_name', 'reference', 'tag_name'],
    ),
    status: 200,
    errors: [401, 403, 404, 500],
  },
  listAccessories: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/accessories',
    params: artifactParams,
    query: shape({ ...paging, q: Type.String(), sort: Type.String() }),
    status: 200,
    answer: Type.Array(Accessory),
    answerHeaders: ['X-Total-Count', 'Link'],
    errors: [400, 401, 403, 404, 500],
  },
  getAddition: {
    method: 'GET',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/additions/{addition}',
    params: shape(
      {
        project_name: Type.String(),
        repository_name: Type.String(),
        reference: Type.String(),
        addition: Type.String({
          enum: ['build_history', 'values.yaml', 'readme.md', 'dependencies', 'sbom', 'license', 'files'],
        }),
      },
      ['project_name', 'repository_name', 'reference', 'addition'],
    ),
    status: 200,
    answer: Type.String(),
    answerHeaders: ['Content-Type'],
    errors: [400, 401, 403, 404, 422, 500],
  },
  addLabel: {
    method: 'POST',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/labels',
    params: artifactParams,
    body: Label,
    bodyName: 'label',
    status: 200,
    errors: [400, 401, 403, 404, 409, 500],
  },
  removeLabel: {
    method: 'DELETE',
    path: '/projects/{project_name}/repositories/{repository_name}/artifacts/{reference}/labels/{label_id}',
    params: shape(
      {
        project_name: Type.String(),
        repository_name: Type.String(),
        reference: Type.String(),
        label_id: Type.Integer({ format: 'int64' }),
      },
      ['project_name', 'repository_name', 'reference', 'label_id'],
    ),
    status: 200,
    errors: [401, 403, 404, 409, 500],
  },
} as const satisfies Readonly<Record<string, OperationShape>>
