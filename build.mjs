// Makes build/frontend/cait/ (cait.css, cait.js, images/) from static/ and the two design systems.
// Nothing made here is committed; Django serves the folder through STATICFILES_DIRS.

import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import * as sass from 'sass'

const root = dirname(fileURLToPath(import.meta.url))
const out = join(root, 'build/frontend/cait')
// Where an image named in the stylesheet may come from; the first that has it wins.
const imageFolders = ['static/images', 'node_modules/@ministryofjustice/frontend/moj/assets/images']

async function styles () {
  const { css } = sass.compile(join(root, 'static/styles/cait.scss'), {
    loadPaths: [root], // MoJ Frontend asks for "node_modules/govuk-frontend/…", so we must too
    style: 'compressed',
    quietDeps: true
  })
  // The Content-Security-Policy allows images and fonts from our own address only.
  if (/url\(["']?(data:|https?:|\/\/)/.test(css)) throw new Error('cait.css names a data: or foreign address')
  await writeFile(join(out, 'cait.css'), css)
  return new Set([...css.matchAll(/url\(["']?images\/([\w.-]+)["']?\)/g)].map(found => found[1]))
}

async function images (names) {
  await mkdir(join(out, 'images'))
  for (const name of names) {
    for (const folder of imageFolders) {
      if (await copyFile(join(root, folder, name), join(out, 'images', name)).then(() => true, () => false)) break
    }
    await readFile(join(out, 'images', name)) // fails, and so names, an image that is nowhere
  }
}

async function scripts () {
  await esbuild.build({
    entryPoints: [join(root, 'static/scripts/cait.js')],
    outfile: join(out, 'cait.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    legalComments: 'none',
    logLevel: 'warning'
  })
}

try {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const [named] = await Promise.all([styles(), scripts()])
  await images(new Set([...named, 'favicon.svg']))
} catch (error) {
  console.error(`The front-end could not be built.\n${error.message}`)
  process.exit(1)
}
