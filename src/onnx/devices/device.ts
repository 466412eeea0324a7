// What a model computes on: the processor, which is always there, or a GPU by way of WebGPU (Vulkan, Metal or Direct3D 12
// underneath). Other providers of ONNX Runtime have no memory that stays on the device from Node, so that keys and values
// would cross the bus with each token.

/** A device by the name of its execution provider. */
export type DeviceName = 'cpu' | 'webgpu'

/** What the operator wants: a device, or the best one that opens. */
export type DeviceChoice = DeviceName | 'auto'

/** The device that is used, and why. */
export interface ChosenDevice {
  readonly name: DeviceName
  /** In a few words, for the log. */
  readonly reason: string
  /** Whether it multiplies float16. */
  readonly halfPrecision: boolean
}
