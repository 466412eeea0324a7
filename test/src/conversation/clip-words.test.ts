import { describe, expect, it } from 'vitest'
import { type NamedClips, namedClips } from '../../../src/conversation/clip-words.ts'

const numbers = (...named: number[]): NamedClips => ({ type: 'numbers', numbers: named })

describe('a question names clips by their place', () => {
  const named: [string, NamedClips][] = [
    ['What is in the first clip?', numbers(1)],
    ['What about the 2nd video', numbers(2)],
    ['Is the THIRD gif longer?', numbers(3)],
    ['Compare the first and third clips', numbers(1, 3)],
    ['Is the first clip like the second clip?', numbers(1, 2)],
    ['what happens in clip 2?', numbers(2)],
    ['video #3 please', numbers(3)],
    ['¿Qué hay en el primer clip?', numbers(1)],
    ['¿Y en el segundo vídeo?', numbers(2)],
    ['¿Y en el video segundo?', numbers(2)],
    ['la tercera grabación', numbers(3)],
    ['compara el primer y el segundo clip', numbers(1, 2)],
    ['vídeo n.º 2', numbers(2)],
    ['第一个视频里有什么？', numbers(1)],
    ['第2段视频呢', numbers(2)],
    ['第一个视频和第三个视频一样吗？', numbers(1, 3)],
    ['视频2里有什么', numbers(2)],
    ['the last clip', { type: 'last' }],
    ['el último vídeo', { type: 'last' }],
    ['最后一个视频', { type: 'last' }],
    ['and the other clip?', { type: 'previous' }],
    ['el clip anterior', { type: 'previous' }],
    ['另一个视频呢', { type: 'previous' }],
    ['Do both clips show a cat?', { type: 'both', certain: true }],
    ['Compare the two videos', { type: 'both', certain: true }],
    ['compara ambos clips', { type: 'both', certain: true }],
    ['los dos vídeos', { type: 'both', certain: true }],
    ['两个视频有什么不同？', { type: 'both', certain: true }],
    ['Describe both', { type: 'both', certain: false }],
    ['What do both of them show?', { type: 'both', certain: false }],
    ['describe ambos.', { type: 'both', certain: false }],
    ['两个都描述一下', { type: 'both', certain: false }],
    ['Describe all the clips', { type: 'all' }],
    ['todos los vídeos', { type: 'all' }],
    ['所有视频', { type: 'all' }],
  ]
  it.each(named)('%s', (text, expected) => {
    expect(namedClips(text)).toEqual(expected)
  })
})

describe('a question about what is in a clip names none', () => {
  it.each([
    'What came first?',
    'Which is the second animal?',
    'Are both dogs brown?',
    'Who is in the clip?',
    'What happens in the clip 5 seconds in?',
    'Is this video 4K?',
    'Look at the clip, 2 birds are there',
    'Was the first thing in the video red?',
    '¿Qué aparece primero?',
    '¿Los dos perros son iguales?',
    '先出现的是什么？',
    '两只狗都在跑吗？',
    '视频3秒处是什么？',
    '',
  ])('%s', (text) => {
    expect(namedClips(text)).toBeNull()
  })
})
