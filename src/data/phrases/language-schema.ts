// What a language file holds: the words by which noun phrases are told apart in captions, and how people ask what a clip
// shows. A language is added by a file in config/data/languages.
import { z } from 'zod'

const word = z.string().min(1)
const words = z.array(word)
const question = z
  .string()
  .min(1)
  .refine((text) => !/<(video|image)>/.test(text), 'must have no mark; it is put after the question')

/** A language file. */
export const languageSchema = z.strictObject({
  functionWords: words
    .min(1)
    .describe('Words that are in no noun phrase and tell captions not apart: articles, prepositions, pronouns.'),
  otherWords: words
    .min(1)
    .describe('Further words that end a noun phrase: verbs and adverbs that captions often have.'),
  endings: z
    .record(word, words)
    .default({})
    .describe('Endings of verbs and adverbs, each with the nouns and adjectives that end so, too.'),
  videoQuestions: z.array(question).min(1).describe('How people ask what a video shows.'),
  imageQuestions: z.array(question).min(1).describe('How people ask what a picture shows.'),
})

/** Words and questions of a language. */
export type LanguageWords = z.infer<typeof languageSchema>
