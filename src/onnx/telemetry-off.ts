// Import this before onnxruntime-node, on the main thread: from 1.30 on, ONNX Runtime's builds for Linux and macOS report
// each session to Microsoft, and keep a device id and a queue of reports under the user's cache folder, unless this
// variable is set before the native library starts (https://github.com/microsoft/onnxruntime/pull/27379). Nothing of what
// Valley does leaves the machine, so it is always set, whatever the operator's environment says.
//
// A worker's process.env is a copy that native code does not see; that is why whoever starts a worker imports this too.
process.env.ORT_DISABLE_TELEMETRY = '1'
