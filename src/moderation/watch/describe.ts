// One paragraph about a clip, by the model. It is read by people and nothing else: no rule looks at it, so that words in a
// clip that reach it change no finding.
import type { Engine } from '../../engine/engine-api.ts'
import type { OpenClip } from '../../video/open-clip.ts'

/** The model is spoken to in English. */
const QUESTION = 'Describe this clip.'
const MAX_TOKENS = 128
/** A model with a small context gives at most this share of it to an answer. */
const MAX_TOKENS_SHARE = 1 / 4
const MAX_CHARACTERS = 600

/**
 * Describes a clip.
 * @param lastSeconds what comes later is not looked at
 * @throws what decoding and the engine throw; signal.reason
 */
export async function describeClip(
  opened: OpenClip,
  engine: Engine,
  lastSeconds: number,
  signal: AbortSignal,
): Promise<string> {
  const { manifest } = engine
  const threadId = `moderation:${opened.contentHash}:description`
  const pictures = opened.sample(manifest.frames, { lastSeconds })
  await engine.encodeClip({ key: threadId, kind: opened.kind, frames: opened.decode(pictures, { signal }), signal })
  try {
    let answer = ''
    const request = {
      threadId,
      messages: [
        {
          role: 'user' as const,
          content: [
            { type: 'clip' as const, key: threadId },
            { type: 'text' as const, text: QUESTION },
          ],
        },
      ],
      maxTokens: Math.min(MAX_TOKENS, Math.floor(manifest.language.context * MAX_TOKENS_SHARE)),
      temperature: 0,
      topP: 1,
      seed: 0,
      probe: false,
      signal,
    }
    for await (const event of engine.generate(request)) if (event.type === 'end') answer = event.answer
    return answer.replace(/\s+/g, ' ').trim().slice(0, MAX_CHARACTERS)
  } finally {
    engine.dropClip(threadId)
    await engine.forget(threadId)
  }
}
