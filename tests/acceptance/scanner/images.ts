import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findTool } from '../support/environment.ts'
import { type LayerContent, writeFiles, writeLayeredImage } from './layered-image.ts'
import { debianLayer, gemLayer, goLayer, npmLayer, pipLayer } from './real-layers.ts'

/** Old enough to have advisories in the database. */
const nodePackages = ['lodash@4.17.4', 'minimist@0.0.8', 'ms@0.7.0', 'serve-static@1.6.4', 'express@4.16.0', 'ws@1.1.0']
const pythonPackages = ['Django==2.2', 'urllib3==1.24.1', 'requests==2.19.1', 'Jinja2==2.10', 'Werkzeug==0.14.1']
const gems = { rack: '1.6.0', actionpack: '4.2.0', nokogiri: '1.6.0', activesupport: '4.2.1', loofah: '2.2.0' }
const goModules = {
  'golang.org/x/text/language': 'v0.3.5',
  'github.com/dgrijalva/jwt-go': 'v3.2.0+incompatible',
  'gopkg.in/yaml.v2': 'v2.2.2',
  'golang.org/x/crypto/ssh': 'v0.0.0-20200622213623-75b288015ac9',
}

/** Programs of this machine: written by others, with the modules of their time. */
const programs = ['crane', 'oras']

export interface TestImage {
  readonly name: string
  readonly layout: string
}

/** Images of packages that the distributions' and languages' own tools have installed here. */
export async function realImages(folder: string): Promise<readonly TestImage[]> {
  mkdirSync(folder)
  const at = (name: string) => join(folder, name)
  const bookworm = await debianLayer(folder, 'bookworm', ['ruby-rack'])
  const bullseye = await debianLayer(folder, 'bullseye', ['python3-jinja2'])
  const node = await npmLayer(at('node'), nodePackages)
  const python = await pipLayer(at('python'), pythonPackages)
  const ruby = await gemLayer(at('ruby'), gems)
  const go = await goLayer(at('go'), goModules)
  return [
    await image(at('bookworm-node-go'), [bookworm, node, go]),
    await image(at('bullseye-python-ruby'), [bullseye, python, ruby, whiteouts(at('whiteouts'))]),
    await image(at('languages-alone'), [node, python, ruby, go]),
    await image(at('programs'), [programLayer(at('program-files'))]),
  ]
}

async function image(layout: string, layers: readonly LayerContent[]): Promise<TestImage> {
  await writeLayeredImage(layout, layers)
  return { name: layout.slice(layout.lastIndexOf('/') + 1), layout }
}

/** A later layer takes away a package, a whole folder of them, and puts one back. */
function whiteouts(folder: string): LayerContent {
  const packages = 'opt/venv/lib/python3.9/site-packages'
  writeFiles(folder, {
    [`${packages}/.wh.urllib3-1.24.1.dist-info`]: '',
    [`${packages}/requests-2.19.1.dist-info/.wh..wh..opq`]: '',
    [`${packages}/requests-2.19.1.dist-info/METADATA`]: 'Metadata-Version: 2.1\nName: requests\nVersion: 2.20.0\n',
    'usr/local/bundle/specifications/.wh.rack-1.6.0.gemspec': '',
  })
  return { from: folder, compression: 'none' }
}

function programLayer(folder: string): LayerContent {
  mkdirSync(join(folder, 'bin'), { recursive: true })
  for (const program of programs) {
    const found = findTool(program)
    if (found === undefined) throw new Error(`${program} is missing`)
    copyFileSync(found, join(folder, 'bin', program))
  }
  return { from: folder }
}
