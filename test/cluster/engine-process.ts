// A process that is an engine with a scripted answerer. Started with one argument, its settings as JSON; says `ready` to its
// parent when it takes questions, and leaves in order at SIGTERM.
import { EngineMember } from '../../src/cluster/engine-member.ts'
import { ClusterKeys } from '../../src/cluster/keys.ts'
import { RedisConnection } from '../../src/cluster/redis-connection.ts'
import { Sealer } from '../../src/cluster/sealed-text.ts'
import { createLogger } from '../../src/logger.ts'
import { CLUSTER_SECRET, type EngineProcessSettings } from './process-settings.ts'
import { ScriptedAnswerer } from './scripted-answerer.ts'

const settings = JSON.parse(process.argv[2] ?? '') as EngineProcessSettings
const logger = createLogger(settings.logLevel ?? 'warn')
const redis = await RedisConnection.open({ url: settings.redisUrl, logger })
const member = new EngineMember({
  redis,
  keys: new ClusterKeys('valley'),
  sealer: new Sealer(CLUSTER_SECRET),
  logger,
  ...settings.times,
})
process.on('SIGTERM', () => {
  void member.leave(1000).then(async () => {
    await redis.close()
    process.exit()
  })
})
// A test that is killed takes its engines along.
process.on('disconnect', () => process.exit())
const { capacity, model = 'scripted' } = settings
await member.join(new ScriptedAnswerer(settings.script), { version: '0.0.0', model, modelHash: '', capacity })
process.send?.({ type: 'ready', engineId: member.engineId })
