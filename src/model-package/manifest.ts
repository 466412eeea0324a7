// manifest.json of a model package: everything the pipeline must know about a model, so that no size, id or number of a
// model stands in code. models/README.md explains each key for people.
import { z } from 'zod'

const positive = z.int().positive()

/** How a frame becomes pixel values. Order: resize, centre crop, scale by 1/255, normalise by channel. */
const pixelRecipeSchema = z.strictObject({
  /** shortest-edge keeps the aspect (long side truncated, as source); exact stretches to resizePixels square. */
  resizeMode: z.enum(['shortest-edge', 'exact']),
  resizePixels: positive,
  /** PIL's filters, antialiased when shrinking. */
  filter: z.enum(['bilinear', 'bicubic']),
  /** Side of the square centre crop; null for none. */
  cropPixels: positive.nullable(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
})

/** How frames are chosen from a clip when the caller does not say otherwise. */
const frameRecipeSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('uniform'), count: positive }),
  z.strictObject({ mode: z.literal('fps'), framesPerSecond: z.number().positive(), maxCount: positive }),
])

const tokenSchema = z.strictObject({ id: z.int().nonnegative(), text: z.string().min(1) })

/** The schema of manifest.json, format version 1. */
export const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  /** One or two sentences for people: what it knows and what it does not. */
  description: z.string().min(1),
  family: z.literal('valley'),
  licence: z.string().min(1),
  source: z.strictObject({ repository: z.string(), revision: z.string() }),
  precision: z.enum(['fp32', 'fp16', 'int8', 'int4']),
  vision: z.strictObject({
    /** Side of the square input, pixels. */
    imagePixels: positive,
    patchPixels: positive,
    /** Dv */
    width: positive,
    /** Blocks that are run, up to the selected layer. */
    layers: positive,
    heads: positive,
    /** P, patch features a frame (the class feature comes on top). */
    patches: positive,
  }),
  language: z.strictObject({
    /** Dl */
    width: positive,
    /** L */
    layers: positive,
    /** H */
    heads: positive,
    /** Hkv */
    keyValueHeads: positive,
    /** Dh */
    headWidth: positive,
    /** V, rows of the output; may exceed the tokenizer's vocabulary. */
    vocabulary: positive,
    /** Longest sequence, tokens. */
    context: positive,
  }),
  /** Temporal pooling: v1 mean, v2 importance, v3 transformer (arXiv 2306.07207). */
  pooling: z.enum(['mean', 'importance', 'transformer']),
  /** Most frames a clip may have: the rows of v3's position table or what fits the context. */
  maxFrames: positive,
  frames: frameRecipeSchema,
  pixels: z.strictObject({ video: pixelRecipeSchema, image: pixelRecipeSchema }),
  tokens: z.strictObject({
    bos: tokenSchema.nullable(),
    /** Any of these ends an answer. */
    eos: z.array(tokenSchema).min(1),
    patch: tokenSchema,
    patchStart: tokenSchema,
    patchEnd: tokenSchema,
    frame: tokenSchema,
    frameStart: tokenSchema,
    frameEnd: tokenSchema,
  }),
  prompt: z.strictObject({
    /** System prompt the checkpoint was trained with. */
    system: z.string(),
    /** Texts that end an answer, cut from it. */
    stop: z.array(z.string().min(1)),
    /** Texts that a user's words may not contain as they are, since the template gives them meaning. */
    reserved: z.array(z.string().min(1)),
    /** Where the clip's mark stands in the turn that brings it. */
    clipPosition: z.enum(['before-text', 'after-text']),
  }),
  graphs: z.strictObject({
    visionEncoder: z.string(),
    projector: z.string(),
    /** Absent for mean pooling, which is done in TypeScript. */
    pooling: z.string().nullable(),
    embedTokens: z.string(),
    decoder: z.string(),
  }),
  tokenizer: z.strictObject({ file: z.string(), configFile: z.string(), chatTemplateFile: z.string() }),
  /** Every other file of the package by its relative path. */
  files: z.record(
    z.string(),
    z.strictObject({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
})

/** What a model package says of itself. */
export type ModelManifest = z.infer<typeof manifestSchema>
/** How a frame becomes pixel values. */
export type PixelRecipe = z.infer<typeof pixelRecipeSchema>
/** How frames are chosen from a clip. */
export type FrameRecipe = z.infer<typeof frameRecipeSchema>
