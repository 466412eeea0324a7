// What a rule can look for without describing it: built-in categories, each as yes/no questions to the model. Only flashing
// light has none, since it is measured.

/** The categories that a rule may name. */
export const CATEGORIES = [
  'weapons',
  'violence',
  'gore',
  'nudity',
  'hate-symbols',
  'drugs',
  'alcohol',
  'tobacco',
  'gambling',
  'fire',
  'self-harm',
  'flashing-light',
  'spam-and-scam',
] as const

/** Name of a built-in category. */
export type Category = (typeof CATEGORIES)[number]

/** Measured from the pictures' luminance, without a model. */
export const MEASURED_CATEGORY: Category = 'flashing-light'

/**
 * The questions of each category. A category is as likely as the likeliest of its questions, so each asks for one thing
 * that can be seen, in the words of everyday English that models were trained on; none asks for a judgement.
 */
export const CATEGORY_QUESTIONS: Readonly<Record<Category, readonly string[]>> = {
  weapons: [
    'Is there a weapon?',
    'Is there a gun?',
    'Is there a knife?',
    'Is there a dagger?',
    'Is there a sword?',
    'Is there an axe?',
    'Is there a bomb?',
  ],
  violence: ['Is somebody being hit or attacked?', 'Is there a fight?'],
  gore: ['Is there blood?', 'Is there an open wound or a dead body?'],
  nudity: ['Is somebody naked?', 'Is there a sexual act?'],
  'hate-symbols': ['Is there a swastika?', 'Is there a symbol of a hate group?'],
  drugs: ['Is somebody taking drugs?', 'Are there any illegal drugs?'],
  alcohol: ['Is there alcohol?'],
  tobacco: ['Is there tobacco?', 'Is there a cigarette?', 'Is somebody smoking?'],
  gambling: ['Is there anything to gamble with?'],
  fire: ['Is there anything with fire?'],
  'self-harm': ['Is somebody hurting themselves?', 'Are there cuts on an arm?'],
  'flashing-light': [],
  'spam-and-scam': ['Is there a QR code?', 'Is there a text that promises money or gifts?'],
}
