import AgentKit
import FuzzSupport

/// The decoder gives the same for every cut, and ends well only once.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    fuzzDecoder(.openAIChat, FuzzInput(start, size))
    return 0
}
