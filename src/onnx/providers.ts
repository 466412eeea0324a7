// Which execution providers really open on this machine, for `valley doctor`. Listing them is not enough: a provider may be
// bundled and still find no device. Each is tried in a child process of its own, because a probe can print to the
// process's error stream from native code (WebGPU does) or end the process. What a GPU can is found out in the same way, since
// the binding does not tell its features.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import './telemetry-off.ts'
import { listSupportedBackends } from 'onnxruntime-node'

/** What came of trying one provider. */
export interface ProviderProbe {
  /** Name as session options take it, e.g. `cpu`, `webgpu`, `cuda`. */
  readonly name: string
  /** True when its library comes with the package; the others need an installation of their own. */
  readonly bundled: boolean
  readonly opens: boolean
  /** Why it does not open, one line; empty when it does. */
  readonly reason: string
}

/** Starting a GPU provider takes 1 to 5 s where there is one; a probe that hangs is given up after this. */
const PROBE_TIMEOUT_MS = 30_000

/** The smallest valid graph, opset 17: y = Identity(x), one float each. */
const IDENTITY_GRAPH = 'CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCBAoAEBE='

/**
 * y = float32(float16(x) x float16(x)), [2, 2] each, opset 21. Written by src/model-build/graph-builder.ts. A GPU without the
 * feature shader-f16 refuses it.
 */
const HALF_GRAPH = [
  'CAoSBnZhbGxleTrZAQomCgF4EghDYXN0LjA6MBoGQ2FzdC4wIgRDYXN0KgkKAnRvGAqgAQIKMgoIQ2FzdC4wOjAKCENhc3QuMDowEgpNYXRNdWwu',
  'MTowGghNYXRNdWwuMSIGTWF0TXVsCi8KCk1hdE11bC4xOjASCENhc3QuMjowGgZDYXN0LjIiBENhc3QqCQoCdG8YAaABAgoaCghDYXN0LjI6MBIB',
  'eRoBeSIISWRlbnRpdHkSBGhhbGZaEwoBeBIOCgwIARIICgIIAgoCCAJiEwoBeRIOCgwIARIICgIIAgoCCAJCAhAVQhEKDWNvbS5taWNyb3NvZnQQAQ==',
].join('')

/** What is run on a provider: a graph, an input, and what must come of it. */
interface Trial {
  readonly graph: string
  readonly x: readonly number[]
  readonly dims: readonly number[]
  readonly y: readonly number[]
}
const OPENS: Trial = { graph: IDENTITY_GRAPH, x: [3], dims: [1], y: [3] }
const MULTIPLIES_HALF: Trial = { graph: HALF_GRAPH, x: [1, 2, 3, 4], dims: [2, 2], y: [7, 10, 15, 22] }

/** Marks the child's verdict among whatever native code prints. */
const VERDICT = 'valley-provider-verdict:'

// Plain JavaScript for `node --eval`, so that it runs the same from sources and when compiled. The graph is run too: a
// device may open and then compute nothing.
const PROBE_SCRIPT = `
const [runtimePath, provider, trial, verdict] = process.argv.slice(1)
const { graph, x, dims, y: expected } = JSON.parse(trial)
const { InferenceSession, Tensor } = require(runtimePath)
const done = (reason) => process.stdout.write(verdict + JSON.stringify(reason) + '\\n', () => process.exit(0))
InferenceSession.create(Buffer.from(graph, 'base64'), { executionProviders: [provider], logSeverityLevel: 4 })
  .then((session) => session.run({ x: new Tensor('float32', Float32Array.from(x), dims) }))
  .then(({ y }) => done(expected.every((value, place) => y.data[place] === value) ? '' : 'it computes wrong values'), (error) => done(String(error.message)))
`

/** Tries every provider that this build of ONNX Runtime knows, one after the other. Takes about 0.2 s each. */
export async function probeProviders(): Promise<ProviderProbe[]> {
  const probes: ProviderProbe[] = []
  for (const { name, bundled } of listSupportedBackends()) {
    const reason = await probeProvider(name)
    probes.push({ name, bundled, opens: reason === '', reason })
  }
  return probes
}

/** Tries one provider; returns why it does not open, or an empty string. Never throws. */
export function probeProvider(name: string): Promise<string> {
  return tryOut(name, OPENS)
}

/** Tries whether a provider that opens multiplies float16; returns why it does not, or an empty string. Never throws. */
export function probeHalfPrecision(name: string): Promise<string> {
  return tryOut(name, MULTIPLIES_HALF)
}

function tryOut(name: string, trial: Trial): Promise<string> {
  const runtimePath = createRequire(import.meta.url).resolve('onnxruntime-node')
  const argv = ['--eval', PROBE_SCRIPT, runtimePath, name, JSON.stringify(trial), VERDICT]
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout) => {
      const line = stdout.split('\n').find((text) => text.startsWith(VERDICT))
      if (line !== undefined) {
        const reason: unknown = JSON.parse(line.slice(VERDICT.length))
        resolve(plainReason(String(reason)))
      } else if (error?.killed) {
        resolve(`no answer within ${PROBE_TIMEOUT_MS / 1000} s`)
      } else {
        resolve(`the probe ended without an answer (${error?.signal ?? `status ${error?.code ?? 0}`})`)
      }
    })
  })
}

/** One line, without the source location and condition that ONNX Runtime puts before its own words. */
function plainReason(message: string): string {
  const text = message.replace(/\s+/g, ' ').trim()
  return text.replace(/^\/onnxruntime_src\/.* was false\. /, '')
}
