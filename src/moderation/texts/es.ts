// Spanish.
import type { ModerationTexts } from './texts.ts'

/** All texts of moderation in Spanish. */
export const es: ModerationTexts = {
  commands: {
    watch: 'Vigilar los clips de un canal; los avisos llegan aquí',
    unwatch: 'Dejar de vigilar un canal',
    rules: 'Mostrar las reglas de moderación',
    digest: 'Resumir los clips de hoy',
    status: 'Mostrar qué vigilo y por dónde voy',
    audit: 'Mostrar qué hicieron los moderadores con mensajes y canales',
    forget: 'Borrar lo que la moderación guarda de una persona, de un mensaje o de todo el servidor',
  },
  parameters: {
    channel: 'El canal',
    user: 'Todo lo de esta persona',
    message: 'Todo lo de este mensaje: su enlace o su id',
    everything: 'True: todos los registros de este servidor y lo que hicieron los moderadores',
  },

  mayNot: 'Solo pueden hacerlo quienes cuidan de este servidor.',
  failed: 'No ha funcionado. Quien me gestiona encontrará más en el registro.',
  restAttached: '… el resto está en el archivo adjunto.',
  notAttached: 'Aquí no puedo adjuntar archivos, así que faltan imágenes y archivos.',

  watched: 'Desde ahora vigilo este canal y aviso aquí: ',
  watchedAlready: 'Este canal ya está vigilado: ',
  unwatched: 'Ya no vigilo este canal: ',
  notWatched: 'Este canal no está vigilado: ',
  watchedBySettings: 'Lo nombran los ajustes de quien me gestiona, así que sigue vigilado: ',
  channelWanted: (command) =>
    `Di a qué te refieres: \`${command} watch #canal\`, \`${command} forget-records @persona\`, un enlace a un mensaje o \`everything\`.`,
  forgetWanted:
    'No he borrado nada. Di qué registros se borran: `user`, `message` con el enlace o el id de un solo mensaje, o ' +
    '`everything: True` para todo este servidor y lo que hicieron los moderadores.',
  forgotten: (records) => (records === 1 ? 'He borrado 1 registro.' : `He borrado ${records} registros.`),
  forgetTargets: {
    person: 'hizo borrar los registros de una persona',
    message: 'hizo borrar los registros de un mensaje',
    'person-in-message': 'hizo borrar los registros de una persona en un mensaje',
    server: 'hizo borrar todos los registros',
  },

  rulesTitle: (version, count) => `${count === 1 ? '1 regla' : `${count} reglas`}, versión ${version}`,
  thresholds: (note, alert) => `se avisa desde ${alert}, se anota desde ${note}`,
  statusTitle: 'Moderación',
  reportsTo: ', avisos en ',
  notReadable: ', pero no puedo leerlo, así que allí no miro nada',
  nothingWatched: 'No vigilo ningún canal.',
  backlog: (waiting, lookedAtToday, mostADay) =>
    `${waiting} ${waiting === 1 ? 'clip espera' : 'clips esperan'}; hoy he mirado ${lookedAtToday} de ${mostADay} como máximo.`,
  openAlerts: (count) => `${count} ${count === 1 ? 'aviso espera' : 'avisos esperan'} una decisión.`,
  auditTitle: (count) => `Lo que hicieron los moderadores: ${count === 0 ? 'nada' : count}`,
  retention: (days) => `Los registros se guardan ${days} días.`,

  alertTitle: (rule) => `Conviene mirarlo: ${rule}`,
  labels: {
    message: 'Mensaje',
    author: 'Autor',
    channel: 'Canal',
    score: 'Puntuación',
    span: 'Dónde en el clip',
    description: 'Qué muestra',
    notLookedAt: 'Sin mirar',
    earlier: 'El mismo clip ya se miró antes',
    rules: 'Versión de las reglas',
  },
  calibrated: 'una probabilidad',
  uncalibrated: 'sin calibrar, no es una probabilidad',
  flashes: (perSecond) => `${perSecond} destellos por segundo, medidos`,
  tooLong: (fromClock) => `todo desde ${fromClock}, porque el clip es más largo de lo que se mira`,
  cutOff: (fromClock) => `todo desde ${fromClock}, porque el archivo está cortado`,
  undecided: (span) => `${span}, porque el modelo no dijo ni sí ni no`,
  picture: (times) => `Fotogramas en ${times.join(', ')}; en rojo, aquellos en los que se basa`,
  verbs: {
    dismiss: 'Descartar',
    confirm: 'Confirmar',
    delete: 'Borrar el mensaje',
    'time-out': 'Silenciar al autor',
    thread: 'Abrir un hilo',
    reveal: 'Mostrar la imagen',
  },
  confirmations: {
    delete: '¿Borrar el mensaje para todos?',
    'time-out': '¿Impedir que el autor publique durante un tiempo?',
    thread: '¿Abrir un hilo sobre esto?',
  },
  yes: 'Sí',
  no: 'No',
  outcomes: {
    done: 'Hecho.',
    'person-may-not': 'No tienes el permiso necesario.',
    'bot-may-not': 'No tengo el permiso necesario.',
    gone: 'El mensaje o su autor ya no está.',
    failed: 'La plataforma no lo hizo. Inténtalo de nuevo en un momento.',
  },
  alertClosed: 'Este aviso está cerrado.',
  pictureGone: 'Ya no guardo la imagen.',
  pictureShown: 'La imagen ya está a la vista, en el hilo bajo el aviso.',
  dismissedBy: 'Descartado por ',
  confirmedBy: 'Confirmado por ',
  messageDeleted: 'El mensaje se borró, y también lo que guardaba de él.',
  placeGone: 'El canal ya no existe, y he borrado lo que guardaba del mensaje.',
  recordsForgotten: 'Un moderador me hizo borrar lo que guardaba del mensaje.',
  expired: 'No guardo los registros por más tiempo, así que lo que guardaba se ha borrado.',
  threadName: (rule) => `Aviso: ${rule}`,

  digestTitle: (every, date) =>
    ({ day: `Clips del ${date}`, week: `Clips de la semana del ${date}`, now: `Clips del ${date} hasta ahora` })[every],
  digestsElsewhere: 'Aquí no llegan avisos. Pide el resumen donde llegan: ',
  digestEmpty: (title) => `${title}: ninguno.`,
  counts: (clips, authors, channels) =>
    `${clips} ${clips === 1 ? 'clip' : 'clips'} de ${authors} ${authors === 1 ? 'persona' : 'personas'} en ${channels} ${
      channels === 1 ? 'canal' : 'canales'
    }`,
  seenBefore: (count) => (count === 1 ? '1 de ellos ya se había mirado.' : `${count} de ellos ya se habían mirado.`),
  digestHeads: {
    authors: 'Quién publicó',
    channels: 'Dónde',
    themes: 'Qué muestran',
    findings: 'Hallazgos',
    dismissed: 'Descartados',
    unread: 'No se pudieron leer',
    partly: 'Mirados en parte',
  },
  otherClips: 'otras cosas',
  noFindings: 'No se tocó ninguna regla.',
  capped: (count, most) => `${count} sin mirar: se miran como máximo ${most} al día.`,
  cappedPerson: (count, most) => `${count} sin mirar: se miran como máximo ${most} de una persona al día.`,
  overTheMost: 'más de los que se miran al día',
  late: (count) =>
    count === 1
      ? '1 clip de antes, mirado después del último resumen:'
      : `${count} clips de antes, mirados después del último resumen:`,
  stillWaiting: (count) => (count === 1 ? '1 espera todavía.' : `${count} esperan todavía.`),
  unread: (count, code) => `${count}: ${code}`,
  unreadReasons: {
    CLIP_MISSING: 'ya no está',
    CLIP_UNREACHABLE: 'no se pudo descargar',
    CLIP_ACCESS_DENIED: 'no tengo permiso para descargarlo',
    CLIP_UNREADABLE: 'dañado o cortado',
    CLIP_NOT_VIDEO: 'no es un vídeo',
    CLIP_TOO_LARGE: 'archivo demasiado grande',
    CLIP_TOO_LONG: 'demasiado largo',
    CLIP_TOO_MANY_PIXELS: 'imágenes demasiado grandes',
    TIMED_OUT: 'tarda demasiado en descodificarse',
    INFERENCE_FAILED: 'no se pudo mirar; el registro dice más',
  },
  levels: {
    note: 'anotado',
    alert: 'avisado',
    refused: 'no se pudo avisar',
    waiting: 'aún sin avisar',
    untold: 'sin avisar',
  },
  andOthers: (count) => `y ${count} más`,
  activity: 'Clips a lo largo del tiempo, en naranja los que tienen un aviso',

  notice: (retentionDays) =>
    'Valley, un programa que alojan quienes gestionan este servidor, mira los clips que se publican en los canales ' +
    'vigilados. Los compara con las reglas del servidor y dice a los moderadores qué conviene mirar; deciden las personas. ' +
    'Ningún clip se entrega a nadie más. Se guardan huellas del clip, puntuaciones y una descripción durante ' +
    `${retentionDays} días, y una imagen pequeña de fotogramas solo mientras un moderador no haya decidido. Un mensaje ` +
    'borrado se lleva su registro; de lo que decidieron los moderadores quedan la regla, la puntuación, el día y sí o no, sin de ' +
    'quién era. Los moderadores borran tus registros si lo pides.',
}
