// Makes one file of each program with everything that it loads: bundle/cloud-run.mjs and bundle/lambda.mjs.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { build } from 'esbuild'

const { OUT = 'bundle' } = process.env

/** Fastify's own compilers of schemas, which the gateway loads when a route has one. */
const COMPILERS = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler']
/** Packages whose versions the gateway looks at. */
const VERSIONS = ['undici']

// Packages of Gatewright load those in CommonJS when they are needed, by names that esbuild does not see. Here it does.
const gatewright = {
  name: 'gatewright',
  setup(build) {
    build.onLoad({ filter: /[\\/]lib[\\/](?:index|server)\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      if (!code.includes('createRequire(import.meta.url)')) return null
      return { contents: seen(code), loader: 'js' }
    })
    // They are Fastify's, and need not be in reach of others.
    build.onResolve({ filter: new RegExp(`^(?:${COMPILERS.join('|')})$`) }, ({ path, importer, kind }) =>
      kind === 'require-call' && importer !== ''
        ? { path: createRequire(createRequire(importer).resolve('fastify')).resolve(path) }
        : null
    )
  }
}

function seen(code) {
  const one = (names, load) =>
    `({ ${names.map((name) => `'${name}': () => ${load(name)}`).join(', ')} })[name]()`
  return code
    .replaceAll(/const require = createRequire\(import\.meta\.url\);/g, '')
    .replaceAll(/createRequire\(import\.meta\.url\)\(/g, 'require(')
    .replace(/createRequire\(import\.meta\.url\)\.resolve\("fastify"\)/, "''")
    .replace(
      /createRequire\(fastify\)\(name\)/,
      one(COMPILERS, (name) => `require('${name}')`)
    )
    .replaceAll(
      /require\(`\$\{name\}\/package\.json`\)/g,
      one(VERSIONS, (name) => `require('${name}/package.json')`)
    )
}

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['dist/cloud-run.js', 'dist/lambda.js'],
  outdir: OUT,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  minify: true,
  // Names of functions are in logs and in what Fastify prints of plugins.
  keepNames: true,
  sourcemap: true,
  legalComments: 'none',
  // Packages in CommonJS load Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"
  },
  plugins: [gatewright]
})
