/// Bytes that a parser keeps, at an address that stays until they are changed.
///
/// An array does not promise that its bytes stay where they are after `withUnsafeBytes`; borrowed events need that.
/// Copies share memory until one of them is changed.
struct ByteStore: Sendable {
    /// Beyond this capacity, in bytes, memory is given back when the bytes are no longer needed.
    private static let keptCapacity = 64 << 10

    private final class Memory: Sendable {
        // Of the memory, a `ByteStore` writes only what its own reference alone can reach (`reserve` sees to it), so whoever shares it
        // only reads: what the pointer leads to does not change while more than one task may see it.
        nonisolated(unsafe) let start: UnsafeMutableRawPointer
        let capacity: Int

        init(capacity: Int) {
            start = .allocate(byteCount: capacity, alignment: 16)
            self.capacity = capacity
        }

        deinit {
            start.deallocate()
        }
    }

    private var memory: Memory?
    private(set) var count = 0

    /// The bytes; valid until this store is changed or goes away.
    @inline(__always)
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory.map { UnsafeRawPointer($0.start) }, count: memory == nil ? 0 : count)
    }

    /// How many bytes fit without new memory.
    var capacity: Int { memory?.capacity ?? 0 }

    /// Adds bytes, which are not of this store.
    mutating func append(_ start: UnsafeRawPointer, count added: Int) {
        guard added > 0 else { return }
        reserve(count + added)
        (memory!.start + count).copyMemory(from: start, byteCount: added)
        count += added
    }

    /// Adds one byte.
    mutating func append(_ byte: UInt8) {
        reserve(count + 1)
        memory!.start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Forgets the bytes, and gives back memory that is much larger than most events need.
    mutating func removeAll() {
        count = 0
        if capacity > Self.keptCapacity { memory = nil }
    }

    /// Makes room for `needed` bytes in memory that no other store sees.
    private mutating func reserve(_ needed: Int) {
        if needed <= capacity, isKnownUniquelyReferenced(&memory) { return }
        // The larger of what is needed and twice of what there is, so that adding byte after byte stays linear.
        let grown = Memory(capacity: max(needed, needed > capacity ? capacity * 2 : capacity, 64))
        if let memory { grown.start.copyMemory(from: memory.start, byteCount: count) }
        memory = grown
    }
}
