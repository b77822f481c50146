extension JSONValue: CustomStringConvertible {
    /// Appends the value as compact JSON on a single line.
    ///
    /// The text is stable: members in their order, `/` and what is beyond ASCII unescaped, an ``integer(_:)`` by its
    /// digits, a ``number(_:)`` by the shortest text that reads back as the same (`1.0`, `5e-324`), or `null` when it
    /// is not finite. It never contains a raw line break.
    public func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: JSONWriter.append(raw: "null", to: &bytes)
        case .bool(let value): JSONWriter.append(value, to: &bytes)
        case .integer(let value): JSONWriter.append(value, to: &bytes)
        case .number(let value): JSONWriter.append(value, to: &bytes)
        case .string(let value): JSONWriter.append(value, to: &bytes)
        case .array(let array):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in array {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                element.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): object.write(into: &bytes)
        }
    }

    /// The value as compact JSON on a single line, as ``write(into:)`` writes it.
    public var jsonString: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same as ``jsonString``.
    public var description: String { jsonString }
}

extension JSONObject: CustomStringConvertible {
    /// Appends the object as compact JSON on a single line, by the rules of ``JSONValue/write(into:)``.
    public func write(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in self {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONWriter.append(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            value.write(into: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The object as compact JSON on a single line.
    public var jsonString: String { JSONValue.object(self).jsonString }

    /// The same as ``jsonString``.
    public var description: String { jsonString }
}
