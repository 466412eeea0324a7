// manifest.json of a model package: everything the pipeline must know about a model, so that no size, id or number of a
// model stands in code. models/README.md explains each key for people.
import { z } from 'zod'

const positive = z.int().positive()

/** How a frame becomes pixel values. Order: resize, centre crop, scale by 1/255, normalise by channel. */
const pixelRecipeSchema = z.strictObject({
  /**
   * shortest-edge keeps the aspect (long side truncated, as source); exact stretches to resizePixels square; area keeps the
   * shape as nearly as `area` allows, resizePixels being the side of the largest square.
   */
  resizeMode: z.enum(['shortest-edge', 'exact', 'area']),
  resizePixels: positive,
  /** PIL's filters, antialiased when shrinking; nearest takes single pixels, as torch's interpolate does. */
  filter: z.enum(['bilinear', 'bicubic', 'lanczos', 'nearest']),
  /** Side of the square centre crop; null for none. */
  cropPixels: positive.nullable(),
  /** Where a crop begins that does not fall on a pixel: half to even (Valley's code, the default) or the pixel before. */
  cropRounding: z.enum(['half-to-even', 'down']).optional(),
  /** Resized to this longest edge first, sides even, and only then to the square; two resizes blur more than one. */
  longestEdgeFirstPixels: positive.optional(),
  /** Fills the shorter side with the mean colour before the resize, so that nothing is cropped or stretched. */
  padToSquare: z.boolean().optional(),
  /** For the mode of that name: both sides are multiples of so many pixels, and their product lies between the two. */
  area: z.strictObject({ sideMultiple: positive, leastPixels: positive, mostPixels: positive }).optional(),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  std: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
})

/** How frames are chosen from a clip when the caller does not say otherwise. */
const frameRecipeSchema = z.discriminatedUnion('mode', [
  /** Evenly from the first picture to the last, or in the middle of so many equal stretches. */
  z.strictObject({ mode: z.enum(['uniform', 'middles']), count: positive }),
  z.strictObject({ mode: z.literal('fps'), framesPerSecond: z.number().positive(), maxCount: positive }),
])

/** How the features of one frame, a square grid, become fewer. */
const spatialPoolSchema = z.discriminatedUnion('kind', [
  /** The mean of each size x size square; what does not fill one is left out. */
  z.strictObject({ kind: z.literal('average'), size: positive }),
  /** The largest of each size x size square. */
  z.strictObject({ kind: z.literal('max'), size: positive }),
  /** Bilinear to half the side, rounded up. */
  z.strictObject({ kind: z.literal('halve') }),
  /** Each factor x factor square becomes one feature, its parts side by side: factor^2 times as wide. */
  z.strictObject({ kind: z.literal('pixel-shuffle'), factor: positive }),
])

/** A still picture is also looked at in parts, squares of the tower's input. */
const tilingSchema = z.discriminatedUnion('kind', [
  /** On the one of the allowed sizes that suits it best, on black; its tokens become one large grid. */
  z.strictObject({
    kind: z.literal('any-resolution'),
    /** [height, width] in pixels, each a multiple of the tower's input. */
    sizes: z.array(z.tuple([positive, positive])).min(1),
    /** When the parts bring more features than so many whole squares, they are made fewer; null for never. */
    maxTiles: positive.nullable(),
  }),
  /** Stretched to the grid of parts whose shape is nearest to its own; the whole comes last. */
  z.strictObject({ kind: z.literal('nearest-grid'), minTiles: positive, maxTiles: positive }),
  /** Enlarged or shrunk to a longest edge, stretched to whole parts; each part and the whole are written apart. */
  z.strictObject({ kind: z.literal('split'), longestEdgePixels: positive }),
])

/** How a clip of one kind becomes visual tokens, for families whose frames keep tokens of their own. */
const frameTokensSchema = z.strictObject({
  /** Whether the class feature enters the prompt, before the frame's patches. */
  keepClass: z.boolean(),
  pool: z.strictObject({ at: z.enum(['before-projector', 'after-projector']), by: spatialPoolSchema }).nullable(),
  /** After what the model's newline row stands. */
  newline: z.enum(['none', 'row', 'frame', 'clip']),
  tiling: tilingSchema.nullable(),
})

/** Towers that take frames of any shape, in squares of patches that become one token each (Qwen2-VL, Qwen2.5-VL). */
const patchGridSchema = z.strictObject({
  /** Frames that are looked at as one; the last is taken twice where they do not come out even. */
  framesTogether: positive,
  /** Side of the square of patches that becomes one token. */
  mergePatches: positive,
  /** Side of the windows within which most blocks look, patches; null where all look at everything. */
  windowPatches: positive.nullable(),
  /** By how much the place of a token in time grows with each second of the clip; null for one a time that frames are looked at. */
  placesPerSecond: z.number().positive().nullable(),
})

const tokenSchema = z.strictObject({ id: z.int().nonnegative(), text: z.string().min(1) })

/** How a clip of one kind is written in the prompt, for families whose chat template writes a mark for it. */
const clipTextSchema = z.strictObject({
  /** Kind of the content part that the chat template is given, and the mark that it writes for one. */
  part: z.enum(['video', 'image']),
  mark: z.string().min(1),
  /** Whether the clip is one part, or each of its frames. */
  each: z.enum(['clip', 'frame']),
  placeholder: tokenSchema,
  /**
   * What takes the mark's place: opening, a piece for each group of tokens with the separator between, closing. Known in
   * braces: {tokens} in a piece, {number} from 1 on, {time} as MM:SS; in opening and closing {frames} in words, {count} in
   * digits, {duration} as H:MM:SS, {seconds} as 1.50, {times} of all frames as 0.00s,1.50s.
   */
  opening: z.string(),
  piece: z.string().includes('{tokens}'),
  separator: z.string(),
  closing: z.string(),
  /** A picture that was split: a piece for each part with {row} and {column}, the end of a row, and what precedes the whole. */
  tiles: z
    .strictObject({ piece: z.string().includes('{tokens}'), rowEnd: z.string(), beforeWhole: z.string() })
    .optional(),
})

/** Families of networks that this version runs. */
export const MODEL_FAMILIES = [
  'valley',
  'llava',
  'llava-onevision',
  'llava-video',
  'smolvlm',
  'internvl',
  'llava-next-video',
  'video-llava',
  'video-chatgpt',
  'qwen2-vl',
  'qwen2.5-vl',
] as const

/** The schema of manifest.json, format version 1. */
export const manifestSchema = z.strictObject({
  formatVersion: z.literal(1),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  /** One or two sentences for people: what it knows and what it does not. */
  description: z.string().min(1),
  family: z.enum(MODEL_FAMILIES),
  licence: z.string().min(1),
  source: z.strictObject({ repository: z.string(), revision: z.string() }),
  precision: z.enum(['fp32', 'fp16', 'int8', 'int4']),
  vision: z.strictObject({
    /** Side of the square input, pixels; of the largest square where frames keep their shape. */
    imagePixels: positive,
    patchPixels: positive,
    /** Dv */
    width: positive,
    /** Blocks that are run, up to the selected layer. */
    layers: positive,
    heads: positive,
    /** P, patch features a frame (the class feature comes on top). */
    patches: positive,
    /** Whether the tower gives a class feature before the patches. */
    classFeature: z.boolean().default(true),
    /** How its products are computed where not in the blocks that `precision` says. */
    products: z.literal('w8a8').optional(),
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
  /**
   * Temporal pooling: v1 mean, v2 importance, v3 transformer (arXiv 2306.07207); none leaves each frame its own tokens;
   * space-and-time has maxFrames rows for frames and P for places (arXiv 2306.05424).
   */
  pooling: z.enum(['mean', 'importance', 'transformer', 'none', 'space-and-time']),
  /** What a frame's features become where pooling is none; null for Valley's poolings. */
  frameTokens: z.strictObject({ video: frameTokensSchema, image: frameTokensSchema }).nullable().default(null),
  /** For towers that take frames of any shape: tokens have a place in time, row and column; null for all others. */
  patchGrid: patchGridSchema.nullable().default(null),
  /** Most frames a clip may have: the rows of v3's position table or what fits the context. */
  maxFrames: positive,
  frames: frameRecipeSchema,
  pixels: z.strictObject({ video: pixelRecipeSchema, image: pixelRecipeSchema }),
  tokens: z.strictObject({
    bos: tokenSchema.nullable(),
    /** Any of these ends an answer. */
    eos: z.array(tokenSchema).min(1),
    /** Valley's six; other families name their placeholders in prompt.clips. */
    patch: tokenSchema.optional(),
    patchStart: tokenSchema.optional(),
    patchEnd: tokenSchema.optional(),
    frame: tokenSchema.optional(),
    frameStart: tokenSchema.optional(),
    frameEnd: tokenSchema.optional(),
  }),
  prompt: z.strictObject({
    /** System prompt the checkpoint was trained with; empty for none. */
    system: z.string(),
    /** Texts that end an answer, cut from it. */
    stop: z.array(z.string().min(1)),
    /** Texts that a user's words may not contain as they are, since the template gives them meaning. */
    reserved: z.array(z.string().min(1)),
    /** Where the clip's mark stands in the turn that brings it. */
    clipPosition: z.enum(['before-text', 'after-text']),
    /** What the model may write in front of an answer, its own role for instance; left out of what people read. */
    answerLabels: z.array(z.string().min(1)).optional(),
    /** Whether the clip time of each frame stands before its token, in seconds with one decimal; absent for no. */
    frameTimes: z.enum(['none', 'tenths']).optional(),
    /** How clips are written; null for Valley's blocks of placeholders, which become part of the turn's text. */
    clips: z.strictObject({ video: clipTextSchema, image: clipTextSchema }).nullable().default(null),
  }),
  graphs: z.strictObject({
    visionEncoder: z.string(),
    /** The tower for still pictures, in families that have one of its own. */
    imageEncoder: z.string().nullable().default(null),
    projector: z.string(),
    /** Absent for the mean and for no pooling, which are done in TypeScript. */
    pooling: z.string().nullable(),
    embedTokens: z.string(),
    decoder: z.string(),
    /** Reads prompts faster than the decoder, into the same KV cache; null where the decoder reads them. */
    prefill: z.string().nullable().default(null),
  }),
  tokenizer: z.strictObject({ file: z.string(), configFile: z.string(), chatTemplateFile: z.string() }),
  /** What the checkpoint answered in float32, to measure the package against; absent when it was built unmeasured. */
  quality: z.string().optional(),
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
/** How a clip of one kind becomes visual tokens where every frame keeps its own. */
export type FrameTokensRecipe = z.infer<typeof frameTokensSchema>
/** How the features of one frame become fewer. */
export type SpatialPool = z.infer<typeof spatialPoolSchema>
/** How frames of any shape are looked at. */
export type PatchGrid = z.infer<typeof patchGridSchema>
/** How a still picture is looked at in parts. */
export type Tiling = z.infer<typeof tilingSchema>
/** How a clip of one kind is written in the prompt. */
export type ClipText = z.infer<typeof clipTextSchema>
