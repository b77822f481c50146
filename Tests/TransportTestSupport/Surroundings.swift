import Foundation

/// By how much more memory may grow under a sanitizer, which keeps shadows of every byte: that is no growth of a transport's.
package let sanitizerFactor = ProcessInfo.processInfo.environment["SANITIZER"] == nil ? 1 : 8

/// The server of a real model, llama.cpp's for one.
package enum LocalModelServer {
    /// Its root, as `LOCAL_MODEL_URL` names it; nil where there is none.
    package static let url = ProcessInfo.processInfo.environment["LOCAL_MODEL_URL"]
    /// The model's name, as `LOCAL_MODEL_NAME` says.
    package static let name = ProcessInfo.processInfo.environment["LOCAL_MODEL_NAME"] ?? "smollm2-135m-instruct"
}
