// What the GPU under measurement is called, for the table. ONNX Runtime does not say, so the system is asked.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const MEBIBYTE = 2 ** 20
/** Programs whose first line names the GPU, by platform. */
const ASKED: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  linux: ['nvidia-smi', '--query-gpu=name,driver_version', '--format=csv,noheader'],
  win32: ['nvidia-smi', '--query-gpu=name,driver_version', '--format=csv,noheader'],
  darwin: ['sysctl', '-n', 'machdep.cpu.brand_string'],
}

/** The name; `GPU without a name` where nobody knows. */
export async function gpuName(): Promise<string> {
  const driver = process.env.VK_ICD_FILENAMES ?? ''
  if (driver !== '' && /swiftshader/i.test(readFileSync(driver, 'utf8'))) return 'SwiftShader, a GPU in software'
  const [program, ...args] = ASKED[process.platform] ?? []
  if (program === undefined) return 'GPU without a name'
  const answer = await promisify(execFile)(program, args, { maxBuffer: MEBIBYTE }).catch(() => null)
  return answer?.stdout.trim().split('\n')[0] || 'GPU without a name'
}
