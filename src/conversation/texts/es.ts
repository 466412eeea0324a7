// Spanish.
import type { Texts } from './texts.ts'

const TELL_THE_OPERATOR = 'Avisa a la persona que me administra, por favor.'

/** All texts in Spanish. */
export const es: Texts = {
  errors: {
    CONFIG_INVALID: `No estoy bien configurado. ${TELL_THE_OPERATOR}`,
    POLICY_INVALID: `Las reglas de moderación no están escritas como las necesito. ${TELL_THE_OPERATOR}`,
    DATASET_INVALID: `Los datos que me han dado no están escritos como los necesito. ${TELL_THE_OPERATOR}`,
    BENCHMARK_INVALID: `Las preguntas con las que me iban a medir no están escritas como las necesito. ${TELL_THE_OPERATOR}`,
    TOOL_MISSING: `Todavía no puedo leer clips: falta instalar un programa que necesito. ${TELL_THE_OPERATOR}`,
    DEVICE_UNAVAILABLE: `No puedo usar la tarjeta gráfica que me indicaron. ${TELL_THE_OPERATOR}`,
    STORAGE_FAILED: `No puedo consultar ni guardar lo que se ha dicho. ${TELL_THE_OPERATOR}`,
    PLATFORM_REFUSED: `Esta plataforma no me deja entrar. ${TELL_THE_OPERATOR}`,
    PLATFORM_UNREACHABLE: 'Ahora no puedo llegar a esta plataforma. Inténtalo de nuevo en un momento, por favor.',
    REDIS_UNREACHABLE: 'Una parte de mí no responde ahora. Pregunta otra vez en unos minutos, por favor.',
    ENGINES_DIFFER: `Mis partes no encajan entre sí. ${TELL_THE_OPERATOR}`,
    PACKAGE_MISSING: `Todavía no tengo un modelo con el que mirar. ${TELL_THE_OPERATOR}`,
    PACKAGE_CORRUPT: `Mi modelo está dañado, así que no responderé con él. ${TELL_THE_OPERATOR}`,
    PACKAGE_UNSUPPORTED: `Mi modelo es de un tipo que no puedo ejecutar. ${TELL_THE_OPERATOR}`,
    CHECKPOINT_INVALID: `No se pudo construir mi modelo. ${TELL_THE_OPERATOR}`,
    CHECKPOINT_UNSUPPORTED: `Mi modelo es de un tipo que no puedo construir. ${TELL_THE_OPERATOR}`,
    QUALITY_TOO_LOW: `Mi modelo perdió demasiado al hacerlo más pequeño. ${TELL_THE_OPERATOR}`,
    HUB_REFUSED: `No se me permitió descargar mi modelo. ${TELL_THE_OPERATOR}`,
    HUB_NOT_FOUND: `El modelo que debía descargar no está ahí. ${TELL_THE_OPERATOR}`,
    HUB_UNREACHABLE: 'No puedo llegar al sitio de donde vienen los modelos. Inténtalo más tarde, por favor.',
    HUB_BUSY: 'El sitio de donde vienen los modelos me pide que espere. Inténtalo más tarde, por favor.',
    DOWNLOAD_CORRUPT: `Lo que descargué no es lo prometido, así que no lo usaré. ${TELL_THE_OPERATOR}`,
    DISK_FULL: `Ya no queda sitio en mi disco. ${TELL_THE_OPERATOR}`,
    LICENCE_NOT_ACCEPTED: `Nadie ha aceptado todavía la licencia de mi modelo. ${TELL_THE_OPERATOR}`,
    GENERATOR_REFUSED: `No me dejaron usar el modelo de lenguaje que escribe o juzga datos. ${TELL_THE_OPERATOR}`,
    GENERATOR_UNREACHABLE:
      'No puedo llegar al modelo de lenguaje que escribe o juzga datos. Vuelve a intentarlo más tarde.',
    CLIP_MISSING: 'Ya no encuentro ese clip. Envíalo otra vez, por favor.',
    CLIP_UNREACHABLE: 'No pude descargar ese clip. Inténtalo de nuevo o vuelve a enviarlo, por favor.',
    CLIP_ACCESS_DENIED: `No se me permite descargar ese clip: falta un permiso. ${TELL_THE_OPERATOR}`,
    CLIP_UNREADABLE:
      'No pude leer ese clip; puede estar cortado o dañado. Envíalo otra vez, por favor, mejor como MP4.',
    CLIP_NOT_VIDEO: 'Ese archivo no es un vídeo, un GIF ni una imagen que pueda mirar. Envía un MP4, WebM, MOV o GIF.',
    CLIP_TOO_LARGE: 'El archivo de ese clip es demasiado grande para mí. Envía uno más corto o más pequeño, por favor.',
    CLIP_TOO_LONG: 'Ese clip dura demasiado para mí. Recorta la parte que te interesa y envíala, por favor.',
    CLIP_TOO_MANY_PIXELS:
      'Las imágenes de ese clip son demasiado grandes para mí. Envíalo con menor resolución, por favor.',
    QUESTION_INVALID: 'No entendí la pregunta. Escríbela de otra manera, por favor.',
    QUESTION_TOO_LONG: 'Esa pregunta es demasiado larga para mí. Hazla con menos palabras, por favor.',
    CONTEXT_OVERFLOW: 'Es más de lo que puedo mirar de una vez. Pregunta con menos clips o menos palabras, por favor.',
    INFERENCE_FAILED: 'Algo salió mal mientras pensaba. Pregunta otra vez, por favor.',
    DEVICE_LOST: 'Mi tarjeta gráfica falló mientras pensaba. Pregunta otra vez, por favor.',
    SHAPE_MISMATCH: `Las partes de mi modelo no encajan, así que no responderé con él. ${TELL_THE_OPERATOR}`,
    PLACEHOLDER_MISMATCH: 'No pude colocar ese clip en la conversación. Envíalo otra vez, por favor.',
    TIMED_OUT: 'Tardaba demasiado y lo dejé. Inténtalo de nuevo o envía un clip más corto, por favor.',
    QUEUE_FULL: 'Ahora mismo hay demasiadas preguntas en espera. Pregunta otra vez en unos minutos, por favor.',
    RATE_LIMITED: 'Fueron demasiadas preguntas en poco tiempo. Pregunta otra vez en unos minutos, por favor.',
    ENGINE_CLOSED: 'Me estoy apagando. Pregunta otra vez dentro de un momento, por favor.',
    ENGINE_UNREACHABLE: 'Ahora no hay nadie que pueda pensar en eso. Pregunta otra vez en unos minutos, por favor.',
  },
  rateLimited: (who, waitSeconds) => {
    const seen = who === 'user' ? 'Has hecho' : 'Esta comunidad ha hecho'
    return `${seen} muchas preguntas en poco tiempo. Pregunta otra vez dentro de ${duration(waitSeconds)}, por favor.`
  },
  aboutClip: (clipNumber, sentence) => `Clip ${clipNumber}: ${sentence}`,

  clipWanted: 'Envíame primero un clip; después podré responder preguntas sobre él.',
  questionWanted: '¿Qué quieres saber del clip?',
  noSuchClip: (clipCount) =>
    clipCount === 1
      ? 'En esta conversación solo hay un clip. ¿A cuál te refieres?'
      : `En esta conversación solo hay ${clipCount} clips. ¿A cuál te refieres?`,
  nothingToRepeat: 'Aquí no hay ninguna pregunta a la que volver. Haz una, por favor.',
  noAnswer: 'No tengo respuesta para eso. Pregunta de otra manera, por favor.',
  cancelled: 'Detenido.',
  cutShort: 'Mi respuesta se cortó al llegar a su longitud máxima.',
  turnsDropped: (count) => {
    const what =
      count === 1
        ? 'la pregunta más antigua de esta conversación y su respuesta'
        : `las ${count} preguntas más antiguas de esta conversación y sus respuestas`
    return `Para hacer sitio ya no recuerdo ${what}; el clip sigue aquí.`
  },
  clipsDropped: (count) =>
    count === 1
      ? 'Un clip anterior de esta conversación ya no está disponible, así que respondí sin él.'
      : `${count} clips anteriores de esta conversación ya no están disponibles, así que respondí sin ellos.`,
  resetDone: 'He olvidado lo que dijimos. Los clips siguen aquí.',
  forgetDone: 'He borrado todo lo que guardaba de esta conversación.',

  waiting: (ahead) => (ahead === 1 ? 'En espera; hay 1 pregunta antes' : `En espera; hay ${ahead} preguntas antes`),
  stages: {
    downloading: 'Descargando el clip',
    probing: 'Abriendo el clip',
    decoding: 'Decodificando fotogramas',
    looking: 'Mirando fotogramas',
    reading: 'Leyendo la pregunta',
    answering: 'Respondiendo',
  },
  storyboard: (times) => `Los fotogramas que miré: ${times.join(', ')}`,

  actions: { 'more-detail': 'Más detalle', 'try-again': 'Otra vez', stop: 'Detener', forget: 'Olvidar' },
  commands: {
    ask: 'Haz una pregunta sobre un clip',
    describe: 'Describe un clip',
    reset: 'Olvida lo que se dijo aquí; los clips se quedan',
    forget: 'Borra todo lo que guardo de esta conversación',
    help: 'Lo que sé hacer',
  },
  parameters: { clip: 'El clip: un vídeo, un GIF o una imagen', question: 'Lo que quieres saber' },
  describeClip: 'Describir el clip',
  helpIntroduction:
    'Enséñame un clip y pregúntame por él; sigue preguntando en el hilo. Miro sus fotogramas y no oigo su sonido.',
  notWelcome: 'No estoy configurado para responderte aquí. Lo decide la persona que me administra.',
  notYours: 'Eso pertenece a otra persona. Pregúntame tú, por favor.',
  greeting: '¡Hola! Envíame un clip y pregúntame por él.',
  suggestions: ['Describe este clip.', '¿Qué pasa en este clip?', '¿Cuántas cosas hay en este clip?'],
}

function duration(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? '1 segundo' : `${seconds} segundos`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? '1 minuto' : `${minutes} minutos`
}
