import ArgumentParser
import StreamCore

/// JSON objects as lines of standard output.
enum OutputLine {
    static func write(_ object: JSONObject) {
        Terminal.write(JSONValue.object(object).jsonString + "\n")
    }

    /// Writes a failure as the last line, and ends the command with exit code 2.
    static func fail(_ failure: Failure) throws {
        write(["error": failure.jsonValue])
        throw ExitCode(2)
    }
}
