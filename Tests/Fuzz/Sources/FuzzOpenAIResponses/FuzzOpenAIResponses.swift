import AgentKit
import FuzzSupport

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    fuzzDecoder(.openAIResponses, FuzzInput(start, size))
    return 0
}
