// A package in fp16 has its decoder twice: as every device runs it, and with products in half precision. Both read the same
// weights.

/** The name of the graph in half precision, from that of the other: `decoder.onnx` becomes `decoder.half.onnx`. */
export function halfFile(graphFile: string): string {
  return graphFile.replace(/(\.onnx)?$/, '.half.onnx')
}
