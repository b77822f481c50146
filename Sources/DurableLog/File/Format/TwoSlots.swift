/// A small structure that is overwritten in place: two slots are written in turn, so that a torn one leaves the other.
protocol SlottedRecord: Sendable {
    static var magic: [UInt8] { get }
    static var version: UInt32 { get }
    /// Rises with each writing; the slot is chosen by it.
    var sequence: UInt64 { get }
    /// Adds the fields behind magic, version, checksum and sequence.
    func append(to bytes: inout [UInt8])
    init?(sequence: UInt64, _ reader: inout LittleEndianReader)
}

extension SlottedRecord {
    /// The bytes of a slot; a sector of a disk is never larger than a slot's distance, so that one write tears one slot only.
    static var slotSize: Int { 4096 }
    /// The bytes that are used of it.
    static var usedSize: Int { 128 }

    /// Where it is to be written.
    var position: Int { Int(sequence % 2) * Self.slotSize }

    var bytes: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.usedSize)
        bytes.append(number: Self.version)
        bytes.append(number: UInt32(0))
        bytes.append(number: sequence)
        append(to: &bytes)
        bytes.append(contentsOf: repeatElement(0, count: Self.usedSize - bytes.count))
        return Checksummed.close(bytes)
    }

    /// Whether one of the slots was written once, and is not whole any more.
    static func hasDamagedSlot(in bytes: UnsafeRawBufferPointer) -> Bool {
        [0, slotSize].contains { start in
            let slot = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(start).prefix(usedSize))
            if slot.allSatisfy({ $0 == 0 }) { return false }
            return slot.count < usedSize || (try? Checksummed.open(slot, magic: magic, version: version)) == nil
        }
    }

    /// The newer of the slots that are whole, in the bytes of the file; nil when neither is.
    static func newest(in bytes: UnsafeRawBufferPointer) throws(FormatError) -> Self? {
        var newest: Self?
        for start in [0, slotSize] where bytes.count >= start + usedSize {
            let slot = UnsafeRawBufferPointer(rebasing: bytes[start..<start + usedSize])
            do throws(FormatError) {
                var reader = try Checksummed.open(slot, magic: magic, version: version)
                guard let sequence = reader.number(UInt64.self), let record = Self(sequence: sequence, &reader),
                    record.position == start
                else { continue }
                if newest.map({ $0.sequence < sequence }) ?? true { newest = record }
            } catch {
                // A slot that is torn or was never written is what the other one is for; one of another version is not.
                if error.isUnknownVersion { throw error }
            }
        }
        return newest
    }
}
