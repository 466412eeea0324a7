import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lookByRules } from '../../../src/moderation/look-by-rules.ts'
import { parsePolicy } from '../../../src/moderation/policy.ts'
import { type OpenClip, openClip } from '../../../src/video/open-clip.ts'
import { FakeEngine } from '../../helpers/fake-engine.ts'
import { INSTALLED_TOOLS, LOSSLESS_H264, solidPicture, writeClip, writeColourClip } from '../../helpers/make-clips.ts'
import { temporaryFolder } from '../../helpers/temporary-folder.ts'

function policyOf(text: string) {
  const { policy, problems } = parsePolicy(text, 'rules.yaml')
  expect(problems).toEqual([])
  return policy!
}

async function open(path: string): Promise<OpenClip> {
  const opened = await openClip(path, { tools: INSTALLED_TOOLS })
  onTestFinished(() => opened.close())
  return opened
}

/** Ten pictures a second. */
function openColours(seconds: number): Promise<OpenClip> {
  return open(writeColourClip(join(temporaryFolder(), 'clip.mp4'), seconds * 10, LOSSLESS_H264))
}

const FENCES = 'rules:\n  - name: fences\n    lookFor: [a fence]\n'

describe('lookByRules', () => {
  it('finds the stretch in which a rule is touched, with its score and its frames', async () => {
    const engine = new FakeEngine()
    engine.sureOf = (question, times) => {
      expect(question).toBe('Is there a fence?')
      return times[0]! >= 2 && times[0]! < 4 ? 0.6 + times[0]! / 10 : 0.1
    }
    const opened = await openColours(6)
    const windows: string[] = []
    const look = await lookByRules({
      opened,
      policy: policyOf(FENCES),
      engine,
      onWindow: (done, total) => windows.push(`${done}/${total}`),
    })
    expect(windows).toEqual(['1/6', '2/6', '3/6', '4/6', '5/6', '6/6'])
    // A window's frames stand at an eighth, three, five and seven eighths of a second; the picture is the one before.
    const frameTimesSeconds = [2.1, 2.3, 2.6, 2.8, 3.1, 3.3, 3.6, 3.8]
    expect(look).toMatchObject({
      contentHash: opened.contentHash,
      model: 'double',
      notLookedAt: [],
      findings: [{ rule: 'fences', level: 'alert', isCalibrated: false, startSeconds: 2, endSeconds: 4 }],
    })
    expect(look.findings[0]!.score).toBeCloseTo(0.91, 6)
    expect(look.scores.fences).toBeCloseTo(0.91, 6)
    expect(look.findings[0]!.frameTimesSeconds.map((time) => Math.round(time * 10) / 10)).toEqual(frameTimesSeconds)
  })

  it('keeps no clip and no conversation of it in the engine', async () => {
    const engine = new FakeEngine()
    const opened = await openColours(2)
    await lookByRules({ opened, policy: policyOf(FENCES), engine })
    expect([...engine.kept]).toEqual([])
    expect(engine.forgotten).toEqual([`moderation:${opened.contentHash}`])
  })

  it('says what comes after the longest look, and what the model does not decide', async () => {
    const engine = new FakeEngine()
    engine.score = async ({ continuations }) =>
      continuations.map((text, index) => ({ text, tokenIds: [index], logProbability: Math.log(0.01) }))
    const policy = policyOf(`look:\n  maxDurationSeconds: 2\n${FENCES}`)
    const look = await lookByRules({ opened: await openColours(3), policy, engine })
    expect(look.findings).toEqual([])
    expect(look.notLookedAt).toEqual([
      { reason: 'too-long', startSeconds: 2, endSeconds: 3 },
      // Two windows, told as one part.
      { reason: 'undecided', rule: 'fences', startSeconds: 0, endSeconds: 2 },
    ])
  })

  it('calibrates for the model that the line was measured with and no other', async () => {
    const engine = new FakeEngine()
    engine.sureOf = () => 0.8
    const rule = (model: string) =>
      policyOf(`${FENCES}    alert: 0.7\n    calibration: { model: ${model}, slope: 0.5, offset: 0 }\n`)
    const opened = await openColours(1)
    const own = await lookByRules({ opened, policy: rule('double'), engine })
    // The log-odds of 0.8 are ln 4; half of them are those of 2/3.
    expect(own.findings).toMatchObject([{ level: 'note', isCalibrated: true }])
    expect(own.scores.fences).toBeCloseTo(2 / 3, 6)
    const other = await lookByRules({ opened, policy: rule('another'), engine })
    expect(other.findings).toMatchObject([{ level: 'alert', isCalibrated: false }])
  })

  it('does without a calibration that was measured with other questions, windows or frames', async () => {
    const engine = new FakeEngine()
    engine.sureOf = () => 0.8
    const opened = await openColours(1)
    const looked = async (rule: string, look = '') => {
      const calibration = `calibration: { model: double, slope: 0.5, offset: 0, measuredWith: "${known}" }`
      const text = `${look}rules:\n  - { name: fences, ${rule}, alert: 0.7, ${calibration} }\n`
      const { findings, scores, rawScores } = await lookByRules({ opened, policy: policyOf(text), engine })
      expect(rawScores.fences!.score).toBeCloseTo(0.8, 6)
      return [findings[0]?.isCalibrated, Number(scores.fences!.toFixed(4))]
    }
    let known = '0123456789ab'
    expect(await looked('lookFor: [a fence]')).toEqual([false, 0.8])
    known = (await lookByRules({ opened, policy: policyOf(FENCES), engine })).rawScores.fences!.measuredWith
    expect(await looked('lookFor: [a fence]')).toEqual([true, 0.6667])
    expect(await looked('lookFor: [a fence, a gate]')).toEqual([false, 0.8])
    for (const look of ['framesPerWindow: 2', 'windowSeconds: 0.5'])
      expect(await looked('lookFor: [a fence]', `look: { ${look} }\n`), look).toEqual([false, 0.8])
    expect(await looked('lookFor: [a fence]', 'look: { maxDurationSeconds: 5 }\n')).toEqual([true, 0.6667])
  })

  it('measures flashes without asking the model', async () => {
    const pictures = Array.from({ length: 20 }, (_, picture) =>
      solidPicture(32, 24, picture % 2 === 0 ? [0, 0, 0] : [255, 255, 255]),
    )
    const path = join(temporaryFolder(), 'flashes.mp4')
    writeClip({ path, width: 32, height: 24, pictures, options: LOSSLESS_H264 })
    const engine = new FakeEngine()
    const policy = policyOf('rules:\n  - name: flashes\n    category: flashing-light\n')
    const look = await lookByRules({ opened: await open(path), policy, engine })
    expect(engine.encoded).toEqual([])
    // A change each tenth of a second: five flashes; the first of them comes with the second picture.
    expect(look.findings).toMatchObject([
      { rule: 'flashes', level: 'alert', score: 1, flashes: { kind: 'general', flashesPerSecond: 5 } },
    ])
    expect(look.findings[0]!.startSeconds).toBeCloseTo(0.1, 6)
    expect(look.findings[0]!.endSeconds).toBeCloseTo(1.9, 6)
  })
})
