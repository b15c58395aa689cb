import { type OperationShape, operations } from '@breakwater/harbor-contract'
import { RegistryError } from '@breakwater/oci'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createChecks } from './validate.ts'

const { query, headers, body, params } = {
  query: createChecks(operations.listProjects).query,
  headers: createChecks(operations.createProject).headers,
  body: createChecks(operations.createProject).body,
  params: createChecks(operations.GetRobotByID).params,
}
const search = (text: string) => query(new URLSearchParams(text))
const list = (problem: string) => `validation failure list:\n${problem}`

describe('the parts of a request', () => {
  it('are of their types, and have their defaults', () => {
    expect(search('')).toEqual({ page: 1, page_size: 10, with_detail: true })
    expect(search('page=3&page_size=100&public=false&name=x&unknown=1')).toEqual({
      page: 3,
      page_size: 100,
      public: false,
      name: 'x',
      with_detail: true,
    })
    expect(headers({})).toEqual({ 'X-Resource-Name-In-Location': false })
    expect(headers({ 'x-resource-name-in-location': 'TRUE' })).toEqual({ 'X-Resource-Name-In-Location': true })
    expect(params({ robot_id: '-7' })).toEqual({ robot_id: -7 })
  })

  it.each([
    ['page=x', 'page in query must be of type int64: "x"'],
    ['page=1.5', 'page in query must be of type int64: "1.5"'],
    ['page=', 'page in query must be of type int64: ""'],
    ['page=9007199254740993', 'page in query must be of type int64: "9007199254740993"'],
    ['name=%00', 'name in query should not hold a zero byte'],
    ['page_size=101', 'page_size in query should be less than or equal to 100'],
  ])('are refused: %s', (text, problem) => {
    expect(() => search(text)).toThrow(list(problem))
  })

  it('take null for absent, at any depth', () => {
    const text =
      '{"project_name":"x","public":null,"metadata":{"severity":null},"cve_allowlist":{"items":[{"cve_id":null}]}}'
    expect(body(text)).toEqual({ project_name: 'x', metadata: {}, cve_allowlist: { items: [{}] } })
  })

  it.each([
    ['', 'project in body is required'],
    ['{', 'parsing project body from "" failed, because unexpected EOF'],
    ['{"project_name":"x"', 'parsing project body from "" failed, because unexpected EOF'],
    ['{"project_name":1}', 'project_name in body must be of type string'],
    ['{"metadata":{"public":true}}', 'metadata.public in body must be of type string'],
    ['[]', 'project in body must be of type object'],
    ['"x"', 'project in body must be of type object'],
    ['{"project_name":"\\u0000"}', 'project in body should not hold a zero byte'],
    [`{"project_name":"${'x'.repeat(256)}"}`, 'project_name in body should be at most 255 chars long'],
  ])('are refused: a body of %.40s', (text, problem) => {
    expect(() => body(text)).toThrow(list(problem))
  })

  it('may hold what only looks like a zero byte', () => {
    expect(body('{"project_name":"\\\\u0000"}')).toEqual({ project_name: '\\u0000' })
  })

  it('are checked or refused, whatever they are', () => {
    const all = Object.values(operations as Readonly<Record<string, OperationShape>>).map(createChecks)
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.constant('null'),
      fc.integer().map(String),
    )
    const property = fc.property(
      fc.constantFrom(...all),
      text,
      fc.dictionary(fc.string(), text),
      (checks, sent, fields) => {
        const given = Object.fromEntries(['page', 'page_size', 'q', 'robot_id', 'user_id'].map((name) => [name, sent]))
        for (const check of [
          () => checks.body(sent),
          () => checks.query(new URLSearchParams({ ...fields, ...given })),
          () => checks.params({ ...fields, ...given }),
          () => checks.headers({ ...fields, 'x-is-resource-name': sent }),
        ]) {
          try {
            check()
          } catch (error) {
            expect(error).toBeInstanceOf(RegistryError)
            expect((error as RegistryError).code).toBe('UNPROCESSABLE_ENTITY')
          }
        }
      },
    )
    fc.assert(property, { numRuns: 2000 })
  })
})
