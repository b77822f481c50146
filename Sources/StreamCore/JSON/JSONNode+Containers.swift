extension JSONNode {
    /// The member `key` of an object; nil when there is none, or when this is no object.
    ///
    /// Takes a scan over the object's keys; of a repeated key the last counts.
    public subscript(key: StaticString) -> JSONNode? {
        key.withUTF8Buffer { member(UnsafeRawBufferPointer($0)) }
    }

    /// The member `key` of an object, for keys that are not known beforehand; otherwise as the subscript.
    public func member(_ key: String) -> JSONNode? {
        var key = key
        return key.withUTF8 { member(UnsafeRawBufferPointer($0)) }
    }

    /// The element `position` of an array, found by walking over those before it; nil when there is none.
    public subscript(position: Int) -> JSONNode? {
        guard position >= 0 else { return nil }
        return elements.dropFirst(position).first { _ in true }
    }

    private func member(_ key: UnsafeRawBufferPointer) -> JSONNode? {
        let object = tape + Int(index)
        guard object.pointee.kind == .object else { return nil }
        let end = tape + Int(object.pointee.next)
        var candidate = object + 1
        var found: UnsafePointer<JSONTapeEntry>?
        while candidate < end {
            if candidate.pointee.isString(key, in: text) { found = candidate + 1 }
            candidate = tape + Int(candidate[1].next)
        }
        return found.map { node(at: UInt32(truncatingIfNeeded: $0 - tape)) }
    }

    /// The elements of an array in order; none when this is no array.
    public var elements: Elements {
        Elements(container: self, end: entry.kind == .array ? entry.next : index)
    }

    /// The members of an object in order, repeated keys included; none when this is no object.
    public var members: Members {
        Members(container: self, end: entry.kind == .object ? entry.next : index)
    }

    /// The elements of an array.
    public struct Elements: Sequence, IteratorProtocol {
        private let container: JSONNode
        private let end: UInt32
        private var index: UInt32

        init(container: JSONNode, end: UInt32) {
            self.container = container
            self.end = end
            index = container.index + 1
        }

        /// The next element.
        public mutating func next() -> JSONNode? {
            guard index < end else { return nil }
            let element = container.node(at: index)
            index = element.entry.next
            return element
        }
    }

    /// The members of an object.
    public struct Members: Sequence, IteratorProtocol {
        private let container: JSONNode
        private let end: UInt32
        private var index: UInt32

        init(container: JSONNode, end: UInt32) {
            self.container = container
            self.end = end
            index = container.index + 1
        }

        /// The next member; the key is a string.
        public mutating func next() -> (key: JSONNode, value: JSONNode)? {
            guard index < end else { return nil }
            let value = container.node(at: index + 1)
            defer { index = value.entry.next }
            return (container.node(at: index), value)
        }
    }
}
