import Foundation

/// Says something beside the figures, on the standard error output.
func note(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
}
