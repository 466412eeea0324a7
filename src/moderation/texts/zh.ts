// Chinese.
import type { ModerationTexts } from './texts.ts'

/** All texts of moderation in Chinese. */
export const zh: ModerationTexts = {
  commands: {
    watch: '监看一个频道的视频片段，报告发到这里',
    unwatch: '不再监看一个频道',
    rules: '显示审核规则',
    digest: '汇总今天的片段',
    status: '显示监看了什么、进度如何',
    audit: '显示管理员对消息和频道做了什么',
    forget: '删除审核为某人、某条消息或整个服务器保存的记录',
  },
  parameters: {
    channel: '频道',
    user: '此人的全部记录',
    message: '此消息的全部记录：消息链接或编号',
    everything: 'True：整个服务器的全部记录和管理员的操作记录',
  },

  mayNot: '只有管理这个服务器的人可以这样做。',
  failed: '没有成功。运行我的人可以在日志里找到更多信息。',
  restAttached: '……其余内容在附件里。',
  notAttached: '我在这里不能添加附件，所以没有图片和文件。',

  watched: '从现在起我监看这个频道，并在这里报告：',
  watchedAlready: '这个频道已经在监看：',
  unwatched: '我不再监看这个频道：',
  notWatched: '这个频道没有被监看：',
  watchedBySettings: '运行我的人在设置里写了这个频道，所以仍然监看：',
  channelWanted: (command) =>
    `请说明是哪一个：\`${command} watch #频道\`、\`${command} forget-records @某人\`、消息链接或 \`everything\`。`,
  forgetWanted:
    '什么都没有删除。请说明删除哪些记录：`user`、`message`（一条消息的链接或编号），或用 `everything: True` 删除整个服务器的记录和管理员的操作记录。',
  forgotten: (records) => `已删除 ${records} 条记录。`,
  forgetTargets: {
    person: '删除了某人的记录',
    message: '删除了某条消息的记录',
    'person-in-message': '删除了某人在某条消息中的记录',
    server: '删除了全部记录',
  },

  rulesTitle: (version, count) => `${count} 条规则，版本 ${version}`,
  thresholds: (note, alert) => `${alert} 起报告，${note} 起记录`,
  statusTitle: '审核',
  reportsTo: '，报告到 ',
  nothingWatched: '没有监看任何频道。',
  backlog: (waiting, lookedAtToday, mostADay) =>
    `${waiting} 个片段在等待；今天看了 ${lookedAtToday} 个，每天最多 ${mostADay} 个。`,
  openAlerts: (count) => `${count} 个警报等待决定。`,
  auditTitle: (count) => `管理员的操作：${count === 0 ? '无' : `${count} 项`}`,
  retention: (days) => `记录保存 ${days} 天。`,

  alertTitle: (rule) => `需要查看：${rule}`,
  labels: {
    message: '消息',
    author: '作者',
    channel: '频道',
    score: '分数',
    span: '片段中的位置',
    description: '内容',
    notLookedAt: '没有看的部分',
    earlier: '同一个片段以前看过',
    rules: '规则版本',
  },
  calibrated: '概率',
  uncalibrated: '未校准，不是概率',
  flashes: (perSecond) => `测得每秒闪烁 ${perSecond} 次`,
  tooLong: (fromClock) => `${fromClock} 之后的全部，因为片段超过了查看的长度`,
  cutOff: (fromClock) => `${fromClock} 之后的全部，因为文件不完整`,
  undecided: (span) => `${span}，因为模型既没有说是也没有说否`,
  picture: (times) => `${times.join('、')} 处的画面；红框是判断的依据`,
  verbs: {
    dismiss: '忽略',
    confirm: '确认',
    delete: '删除消息',
    'time-out': '禁言作者',
    thread: '开启讨论串',
    reveal: '显示画面',
  },
  confirmations: {
    delete: '要为所有人删除这条消息吗？',
    'time-out': '要让作者暂时不能发言吗？',
    thread: '要为此开启讨论串吗？',
  },
  yes: '是',
  no: '否',
  outcomes: {
    done: '已完成。',
    'person-may-not': '你没有所需的权限。',
    'bot-may-not': '我没有所需的权限。',
    gone: '消息或作者已经不在了。',
    failed: '平台没有执行。请稍后再试。',
  },
  alertClosed: '这个警报已经关闭。',
  pictureGone: '画面已不再保存。',
  pictureShown: '画面已经显示在警报下方的讨论串里。',
  dismissedBy: '已忽略，操作者：',
  confirmedBy: '已确认，操作者：',
  messageDeleted: '消息已被删除，我保存的记录也一并删除。',
  placeGone: '频道已经不在了，我为这条消息保存的记录也已删除。',
  recordsForgotten: '管理员让我删除了为这条消息保存的记录。',
  expired: '记录的保存期已过，所以我保存的内容已经删除。',
  threadName: (rule) => `警报：${rule}`,

  digestTitle: (every, date) =>
    ({ day: `${date} 的片段`, week: `${date} 起一周的片段`, now: `${date} 到目前为止的片段` })[every],
  digestsElsewhere: '报告不发到这里。请在接收报告的频道里要求汇总：',
  digestEmpty: (title) => `${title}：没有。`,
  counts: (clips, authors, channels) => `${clips} 个片段，${authors} 人，${channels} 个频道`,
  seenBefore: (count) => `其中 ${count} 个以前看过。`,
  digestHeads: {
    authors: '谁发的',
    channels: '在哪里',
    themes: '内容',
    findings: '发现',
    dismissed: '已忽略',
    unread: '无法读取',
    partly: '只看了一部分',
  },
  otherClips: '其他',
  noFindings: '没有触及任何规则。',
  capped: (count, most) => `${count} 个没有看：每天最多看 ${most} 个。`,
  overTheMost: '超过每天查看的数量',
  stillWaiting: (count) => `${count} 个还在等待。`,
  unread: (count, code) => `${count}：${code}`,
  unreadReasons: {
    CLIP_MISSING: '已经不在了',
    CLIP_UNREACHABLE: '无法下载',
    CLIP_ACCESS_DENIED: '我没有下载的权限',
    CLIP_UNREADABLE: '损坏或不完整',
    CLIP_NOT_VIDEO: '不是视频',
    CLIP_TOO_LARGE: '文件太大',
    CLIP_TOO_LONG: '太长',
    CLIP_TOO_MANY_PIXELS: '画面太大',
  },
  levels: { note: '已记录', alert: '已报告', refused: '无法报告', waiting: '尚未报告', untold: '未报告' },
  andOthers: (count) => `还有 ${count} 个`,
  activity: '各时段的片段，橙色表示有警报',

  notice: (retentionDays) =>
    '发布在被监看频道里的片段会由 Valley 查看，这是本服务器的管理者自行托管的程序。它把片段与服务器规则比较，' +
    '告诉管理员哪些需要查看，由人来决定。片段不会交给任何其他人。保存的内容是片段的指纹、分数和一段描述，保存 ' +
    `${retentionDays} 天；画面小图只在管理员尚未决定时保存。删除消息会同时删除它的记录；` +
    '管理员对它的决定只留下规则、分数、日期和是或否，不留下是谁发的。你提出要求时，管理员会删除你的记录。',
}
