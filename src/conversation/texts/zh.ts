// Chinese, simplified characters.
import type { Texts } from './texts.ts'

const TELL_THE_OPERATOR = '请告诉我的管理员。'

/** All texts in Chinese. */
export const zh: Texts = {
  errors: {
    CONFIG_INVALID: `我的设置不正确。${TELL_THE_OPERATOR}`,
    POLICY_INVALID: `审核规则的写法我无法使用。${TELL_THE_OPERATOR}`,
    DATASET_INVALID: `给我的数据的写法我无法使用。${TELL_THE_OPERATOR}`,
    BENCHMARK_INVALID: `用来评测我的问题的写法我无法使用。${TELL_THE_OPERATOR}`,
    TOOL_MISSING: `我还不能读取视频：缺少一个需要的程序。${TELL_THE_OPERATOR}`,
    DEVICE_UNAVAILABLE: `我用不了指定给我的显卡。${TELL_THE_OPERATOR}`,
    STORAGE_FAILED: `我无法查看或保存说过的内容。${TELL_THE_OPERATOR}`,
    PLATFORM_REFUSED: `这个平台不让我进入。${TELL_THE_OPERATOR}`,
    PLATFORM_UNREACHABLE: '我现在连接不上这个平台。请稍后再试。',
    REDIS_UNREACHABLE: '我的一部分现在连接不上。请过几分钟再问。',
    ENGINES_DIFFER: `我的各个部分不匹配。${TELL_THE_OPERATOR}`,
    PACKAGE_MISSING: `我还没有可以用来看视频的模型。${TELL_THE_OPERATOR}`,
    PACKAGE_CORRUPT: `我的模型已损坏，所以我不会用它来回答。${TELL_THE_OPERATOR}`,
    PACKAGE_UNSUPPORTED: `我的模型属于我无法运行的类型。${TELL_THE_OPERATOR}`,
    CHECKPOINT_INVALID: `我的模型没能构建成功。${TELL_THE_OPERATOR}`,
    CHECKPOINT_UNSUPPORTED: `我的模型属于我无法构建的类型。${TELL_THE_OPERATOR}`,
    QUALITY_TOO_LOW: `我的模型在缩小时损失过多。${TELL_THE_OPERATOR}`,
    HUB_REFUSED: `我没有获得下载模型的许可。${TELL_THE_OPERATOR}`,
    HUB_NOT_FOUND: `要我下载的模型不在那里。${TELL_THE_OPERATOR}`,
    HUB_UNREACHABLE: '我连接不上提供模型的地方。请稍后再试。',
    HUB_BUSY: '提供模型的地方让我等一等。请稍后再试。',
    DOWNLOAD_CORRUPT: `下载到的内容与承诺的不符，所以我不会使用它。${TELL_THE_OPERATOR}`,
    DISK_FULL: `我的磁盘没有空间了。${TELL_THE_OPERATOR}`,
    LICENCE_NOT_ACCEPTED: `还没有人同意我的模型的许可证。${TELL_THE_OPERATOR}`,
    GENERATOR_REFUSED: `我没有获准使用编写或评判数据的语言模型。${TELL_THE_OPERATOR}`,
    GENERATOR_UNREACHABLE: '我连接不上编写或评判数据的语言模型。请稍后再试。',
    CLIP_MISSING: '我找不到那个视频了。请重新发送。',
    CLIP_UNREACHABLE: '我没能下载那个视频。请再试一次，或重新发送。',
    CLIP_ACCESS_DENIED: `我没有下载那个视频的权限。${TELL_THE_OPERATOR}`,
    CLIP_UNREADABLE: '我读不了那个视频，它可能不完整或已损坏。请重新发送，最好用 MP4 格式。',
    CLIP_NOT_VIDEO: '那个文件不是我能看的视频、GIF 或图片。请发送 MP4、WebM、MOV 或 GIF。',
    CLIP_TOO_LARGE: '那个视频文件对我来说太大了。请发送更短或更小的视频。',
    CLIP_TOO_LONG: '那个视频对我来说太长了。请截取你想问的部分再发送。',
    CLIP_TOO_MANY_PIXELS: '那个视频的画面对我来说太大了。请用较低的分辨率发送。',
    QUESTION_INVALID: '我没有看懂这个问题。请换一种写法。',
    QUESTION_TOO_LONG: '这个问题对我来说太长了。请写得简短一些。',
    CONTEXT_OVERFLOW: '这超出了我一次能看的内容。请减少视频或文字。',
    INFERENCE_FAILED: '我思考时出了错。请再问一次。',
    DEVICE_LOST: '我思考时显卡出了故障。请再问一次。',
    SHAPE_MISMATCH: `我的模型各部分不匹配，所以我不会用它来回答。${TELL_THE_OPERATOR}`,
    PLACEHOLDER_MISMATCH: '我没能把那个视频放进对话。请重新发送。',
    TIMED_OUT: '用时太长，我停下了。请再试一次，或发送更短的视频。',
    QUEUE_FULL: '现在等待的问题太多了。请过几分钟再问。',
    RATE_LIMITED: '短时间内的问题太多了。请过几分钟再问。',
    ENGINE_CLOSED: '我正在关闭。请稍后再问。',
    ENGINE_UNREACHABLE: '现在没有谁能思考这个问题。请过几分钟再问。',
  },
  rateLimited: (who, waitSeconds) => {
    const seen = who === 'user' ? '你' : '这个社区'
    return `${seen}在短时间内问了很多问题。请在 ${duration(waitSeconds)}后再问。`
  },
  aboutClip: (clipNumber, sentence) => `视频 ${clipNumber}：${sentence}`,

  clipWanted: '请先发给我一个视频，然后我就能回答关于它的问题。',
  questionWanted: '关于这个视频，你想知道什么？',
  noSuchClip: (clipCount) => `这个对话里只有 ${clipCount} 个视频。你指的是哪一个？`,
  nothingToRepeat: '这里没有可以重复的问题。请先提一个问题。',
  noAnswer: '这个问题我答不上来。请换一种问法。',
  cancelled: '已停止。',
  cutShort: '我的回答达到了最大长度，被截断了。',
  turnsDropped: (count) => `为了腾出空间，我不再记得这个对话中最早的 ${count} 个问题和回答；视频还在。`,
  clipsDropped: (count) => `这个对话中较早的 ${count} 个视频已无法获取，所以我没有参考它。`,
  resetDone: '我已忘记说过的内容。视频还在。',
  forgetDone: '我已删除这个对话中保存的全部内容。',

  waiting: (ahead) => `正在等待，前面还有 ${ahead} 个问题`,
  stages: {
    downloading: '正在下载视频',
    probing: '正在打开视频',
    decoding: '正在解码画面',
    looking: '正在看画面',
    reading: '正在读问题',
    answering: '正在回答',
  },
  storyboard: (times) => `我看过的画面：${times.join('、')}`,

  actions: { 'more-detail': '更多细节', 'try-again': '再试一次', stop: '停止', forget: '忘记' },
  commands: {
    ask: '提一个关于视频的问题',
    describe: '描述一个视频',
    reset: '忘记这里说过的内容，视频保留',
    forget: '删除这个对话中保存的全部内容',
    help: '我能做什么',
  },
  parameters: { clip: '视频、GIF 或图片', question: '你想知道什么' },
  describeClip: '描述视频',
  helpIntroduction: '给我看一个视频并提问，还可以在消息列中继续问。我只看它的画面，听不到声音。',
  notWelcome: '我没有被设置为在这里回答你，这由管理我的人决定。',
  notYours: '这是别人的提问。请你自己来问我。',
  greeting: '你好！发给我一个视频，然后问我关于它的问题。',
  suggestions: ['描述这个视频。', '这个视频里发生了什么？', '这个视频里有几样东西？'],
}

function duration(seconds: number): string {
  return seconds < 60 ? `${seconds} 秒` : `${Math.ceil(seconds / 60)} 分钟`
}
